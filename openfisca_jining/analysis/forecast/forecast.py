"""Forecasts: laws on many worlds of coming years, and what the draws say.

Baseline and reforms are computed on the same worlds (common random numbers), so that their difference is the reform and not
the dice. Draws are named by seed and number: the figures do not depend on how many processes share the work.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field

import numpy
import pandas
from openfisca_core.periods import period as make_period

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.forecast.drivers import Drivers
from openfisca_jining.analysis.forecast.runs import Costs, LawSpec, Past, YearLaw, state_past
from openfisca_jining.analysis.forecast.worlds import BaseYear, WorldSimulation
from openfisca_jining.analysis.processes import can_fork, forked
from openfisca_jining.analysis.record import (
    changed_parameters,
    reform_files,
    reform_modules,
    reform_names,
    run_record,
)
from openfisca_jining.classifications import County
from openfisca_jining.clauses.register import documents
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.law import open_windows
from openfisca_jining.money import FEN
from openfisca_jining.population import Population
from openfisca_jining.reforming import reformed

#: Projects that share a simulation, and draws: enough to forget the cost of a simulation, few enough to see progress.
ROWS_AT_ONCE, DRAWS_AT_ONCE = 200_000, 100
QUANTILES = (0.1, 0.25, 0.5, 0.75, 0.9)
LEVELS = (0.8, 0.9, 0.95)
#: Resamples for the standard errors of quantiles.
RESAMPLES = 1000
#: A standard error of the mean at or below this share of it is called enough.
ENOUGH = 0.01
CURRENT = LawSpec("现行政策")
#: Longest forecast, years after the base year.
MOST_YEARS = 15
#: Claims, or their size, that a forecast may grow to, times those of the base year.
MOST_TIMES = 50
MONTHS = 12
#: Said of a law under which a year depends on years before it that draws do not know.
LOOKS_BACK = "「{law}」按所选读法，有的年度要看企业以前年度所得（如限额跨年计算）。预测各年的企业互不相连，以前年度按没有所得计算，结果偏高。"
RUNNING = (
    "「{law}」按所选读法，{fund}各年合用一个总额：预测年度之间逐年扣减，{year} 年以前已付的不知道，按没有支出计算。"
)


@dataclass(frozen=True)
class Task:
    """What any process needs to compute draws.

    :ivar laws: laws on the same worlds, the first is what the others are compared with. :ivar carry_over: what a fund has
        left is added to its money of the next year.
    """

    population: Population
    years: tuple[int, ...]
    laws: tuple[LawSpec, ...]
    drivers: Drivers
    seed: int
    carry_over: bool = False

    def __post_init__(self) -> None:
        base = self.population.year
        if not self.years or list(self.years) != sorted(set(self.years)):
            raise BadFact(["years"], "年度应从早到晚排列，不重复。")
        if self.years[0] < base or self.years[-1] > base + MOST_YEARS:
            raise BadFact(
                ["years"],
                f"预测年度应在申报年度 {base} 至 {base + MOST_YEARS} 之间，收到 {self.years[0]} 至 {self.years[-1]}。",
            )
        if len({law.name for law in self.laws}) < len(self.laws):
            raise BadFact(["laws"], "各项政策的名称不能相同。")
        if self.seed < 0:
            raise BadFact(["forecast_seed"], f"随机种子不能为负数，收到 {self.seed}。")
        self._refuse_explosion()

    def _refuse_explosion(self) -> None:
        """:raises BadFact: growth that no forecast can mean."""
        value, ahead = self.drivers, self.years[-1] - self.population.year
        counts = 1 + max(value["count_growth_jining"], value["count_growth_zaozhuang"])
        sizes = (1 + value["size_growth"]) * (1 + value["price_growth"])
        for what, times in (("项目数", counts**ahead * value["application_rate"]), ("项目规模", sizes**ahead)):
            if times > MOST_TIMES:
                raise BadFact(
                    ["drivers"],
                    f"按所设的增速，{self.years[-1]} 年的{what}将是基年的 {times:,.0f} 倍，超过 {MOST_TIMES} 倍。请核对增速。",
                )


def systems_of(laws: Sequence[LawSpec]) -> list:
    """The laws, built on one system (which none of them changes)."""
    base = CountryTaxBenefitSystem()
    return [
        reformed(base, reforms=law.reforms, readings=law.readings, supply=law.supply, changes=law.changes)
        for law in laws
    ]


class Worker:
    """Computes draws of a task. Keeps what draws share."""

    def __init__(self, task: Task) -> None:
        self.task = task
        shift = task.drivers["lpr_shift"]
        plain = systems_of(task.laws)
        self.systems = [law.build(shift, task.population.year) for law in task.laws] if shift else plain
        self.base = BaseYear(task.population, plain[0], task.drivers, task.seed)  # 抽样自己加上利率的变动
        self.laws = {
            (place, year): YearLaw(system, year) for place, system in enumerate(self.systems) for year in task.years
        }
        for law in self.laws.values():
            law.learn(self.base)
        self._fill_gaps()
        self._money: dict[tuple[int, int], numpy.ndarray] = {}

    def _fill_gaps(self) -> None:
        """Years between those asked for, under laws of which a year needs what the year before left."""
        years = self.task.years
        for place, system in enumerate(self.systems):
            if self.task.carry_over or any(self.laws[place, year].running for year in years):
                for year in range(years[0], years[-1]):
                    if (place, year) not in self.laws:
                        self.laws[place, year] = YearLaw(system, year)
                        self.laws[place, year].learn(self.base)

    def draws(self, draws: Sequence[int]) -> list[list[Costs]]:
        """Costs of some draws: by law and year."""
        result: list[list[Costs]] = [[] for _ in self.systems]
        past: list[Costs | None] = [None for _ in self.systems]
        for year in sorted({year for _, year in self.laws}):
            world = self.base.worlds(year, draws)
            for place, before in enumerate(past):
                if (place, year) in self.laws:
                    costs = self.laws[place, year].costs(self.base, world, before, self.task.carry_over)
                    if self.task.carry_over and before is not None:
                        self._see_to_money(costs, place, year, before)
                    past[place] = costs
                    result[place] += [costs] if year in self.task.years else []
        return result

    def _see_to_money(self, costs: Costs, place: int, year: int, before: Costs) -> None:
        """Check what was carried over.

        :raises BadFact: a fund's money is not a sum for each year to which what is left can be added.
        """
        more = numpy.maximum(before.funds[:, :, 0] - before.funds[:, :, 2], 0)
        if (place, year) not in self._money:
            self._money[place, year] = numpy.array(self.laws[place, year].money(self.base, Past()))
        money = self._money[place, year]
        expected = numpy.where(money > 0, money + more, 0)
        wrong = (more > 0) & (costs.funds[:, :, 0] != expected)
        if wrong.any():
            fund = FUNDS[numpy.flatnonzero(wrong.any(axis=0))[0]].label
            raise BadFact(
                ["carry_over"],
                f"按所选的读法，{fund}不是每年一个数额，没有用完的不能加到下一年。请去掉 --carry-over，或换读法。",
            )


_workers: list[Worker] = []


def _of_worker(draws: Sequence[int]) -> list[list[Costs]]:
    return _workers[-1].draws(draws)


def in_processes(task: Task, chunks: list[list[int]], workers: int) -> Iterable[list[list[Costs]]]:
    """Costs of each chunk of draws, on this process or on forked ones."""
    worker = Worker(task)
    if workers <= 1 or len(chunks) <= 1 or not can_fork():
        yield from (worker.draws(chunk) for chunk in chunks)
        return
    _workers.append(worker)
    try:
        with forked(min(workers, len(chunks))) as pool:
            yield from pool.map(_of_worker, chunks)
    finally:
        _workers.pop()


def chunks_of(task: Task, draws: int, workers: int = 1) -> list[list[int]]:
    """Draws in chunks that fit a simulation, at least one for each worker."""
    size = max(min(ROWS_AT_ONCE // max(len(task.population), 1), DRAWS_AT_ONCE), 1)
    size = max(min(size, -(-draws // workers)), 1)
    return [list(range(first, min(first + size, draws))) for first in range(0, draws, size)]


def forecast(
    population: Population,
    years: Sequence[int],
    draws: int = 1000,
    *,
    reforms: Sequence[LawSpec] = (),
    baseline: LawSpec = CURRENT,
    drivers: Drivers | None = None,
    seed: int = 1,
    carry_over: bool = False,
    workers: int = 1,
    run: Callable[[Task, list[list[int]], int], Iterable[list[list[Costs]]]] = in_processes,
    say: Callable[[str], None] = lambda text: None,
) -> Forecast:
    """Costs of coming years under the current law and under reforms, on the same made-up claims.

    :param population: claims of the base year (observed or made up). :param years: claim years, the base year or later.
    :param draws: number of draws. :param run: who computes the chunks of draws (see :func:`in_processes`, ``cluster.on_dask``).
    :param say: called with what is going on.
    :raises BadFact: a year, number or driver out of range; MissingFact, UnstatedParameter as ``analysis.budget``.
    """
    if draws < 2:
        raise BadFact(["draws"], f"抽样次数至少为 2，收到 {draws}。")
    task = Task(population, tuple(years), (baseline, *reforms), drivers or Drivers(), seed, carry_over)
    say("正在准备")
    systems = systems_of(task.laws)
    chunks, parts = chunks_of(task, draws, workers), []
    for part in run(task, chunks, workers):
        parts.append(part)
        done = sum(len(one[0][0].projects) for one in parts)
        say(f"已算完 {done} 次抽样，共 {draws} 次")
    costs = [
        [Costs.join([part[law][year] for part in parts]) for year in range(len(task.years))]
        for law in range(len(task.laws))
    ]
    stacked = {
        law.name: {
            name: numpy.stack([getattr(one, name) for one in costs[place]], axis=1) for name in vars(costs[place][0])
        }
        for place, law in enumerate(task.laws)
    }
    about = instruments(systems[0])
    return Forecast(
        task.years,
        draws,
        stacked,
        tuple(one.label for one in about),
        tuple(one.payer for one in about),
        task.drivers,
        record_of(task, draws, systems),
        documents=pandas.concat(
            [windows(population, system, law.name, years) for system, law in zip(systems, task.laws, strict=True)],
            ignore_index=True,
        ),
    )


def record_of(task: Task, draws: int, systems: Sequence) -> dict:
    """Run record of a forecast: that of the baseline, and what is needed to compute the forecast again."""
    record = run_record(task.population, systems[0])
    record["remarks"] += looking_back(task, systems)
    record["laws"] = [law.name for law in task.laws]
    record["reform_laws"] = [
        {
            "name": law.name,
            "reforms": reform_names(system),
            "modules": reform_modules(system),
            "files": reform_files(system),
            "changes": changed_parameters(system),
        }
        for law, system in zip(task.laws[1:], systems[1:], strict=True)
    ]
    return record | {
        "years": list(task.years),
        "draws": draws,
        "forecast_seed": task.seed,
        "carry_over": task.carry_over,
        "drivers": task.drivers.table()[["code", "value", "ground"]].to_dict("records"),
    }


def looking_back(task: Task, systems: Sequence) -> list[str]:
    """Remarks on laws under which a year of the forecast depends on earlier years of which draws know nothing.

    Only readings can make it so; a law with the default ones is not looked at.
    """
    base, remarks, first = None, [], task.years[0]
    for law, system in zip(task.laws, systems, strict=True):
        if any(".readings." in change["parameter"] for change in changed_parameters(system)):
            base = base or BaseYear(task.population, systems[0], task.drivers, task.seed)
            years = [YearLaw(system, year) for year in task.years]
            for year in years:
                year.learn(base)
            remarks += [RUNNING.format(law=law.name, fund=fund.label, year=first) for fund in years[0].running]
            if any(asks_earlier_years(base, year) for year in years):
                remarks.append(LOOKS_BACK.format(law=law.name))
    return remarks


def asks_earlier_years(base: BaseYear, law: YearLaw) -> bool:
    """Whether what a law pays in a year depends on earlier years, besides what its funds had and paid in the year before."""
    simulation = WorldSimulation(law.system, base, base.as_stated(law.year))
    spent = [(name, 0) for fund in law.running for name in (fund.available, *fund.paid)]
    state_past(simulation, law.period.offset(-1, "year"), Past(spent=tuple(spent)))
    simulation.trace = True
    for name in dict.fromkeys((*law.paid, *law.of_funds)):
        simulation.calculate(name, law.period)
    known = {"weight", *(name for name, _ in spent)}
    return any(
        node.period.start.year < law.year and node.name not in known for node in simulation.tracer.browse_trace()
    )


def windows(population: Population, system, law: str, years: Sequence[int]) -> pandas.DataFrame:
    """When documents that pay take claims: law, document, label, year, first and last day (None: not open in the year)."""
    project = population.without_facts(system).populations["project"]
    names = documents()
    rows = []
    for document in dict.fromkeys(one.document for one in instruments(system)):
        for year in years:
            found = open_windows(project, make_period(str(year)), system.get_parameters_at_instant, document)
            days = [(str(first), str(last)) for first, last in _joined(found)]
            rows += [[law, document, names[document]["short"], year, *pair] for pair in days]
            rows += [] if days else [[law, document, names[document]["short"], year, None, None]]
    return pandas.DataFrame(rows, columns=["law", "document", "label", "year", "first", "last"])


def _joined(spans) -> list[tuple]:
    """Spans of days in order, those that follow one another without a gap as one."""
    found: list[tuple] = []
    for first, last in spans:
        if found and found[-1][1] + 1 == first:
            found[-1] = (found[-1][0], last)
        else:
            found.append((first, last))
    return found


@dataclass(frozen=True)
class Forecast:
    """What draws of coming years cost.

    :ivar costs: law -> name (``claimed``, ``paid``, ``funds``, ``months``, ``unpaid``, ``projects``) -> whole fen, draws by years
        by whatever ``runs.Costs`` has. :ivar instruments: labels, in the order of the arrays. :ivar payers: payer of each instrument.
    :ivar documents: when documents take claims (see :func:`windows`).
    """

    years: tuple[int, ...]
    draws: int
    costs: dict[str, dict[str, numpy.ndarray]]
    instruments: tuple[str, ...]
    payers: tuple[str, ...]
    drivers: Drivers
    record: dict
    _cache: dict = field(default_factory=dict, repr=False, compare=False)
    documents: pandas.DataFrame = field(default_factory=pandas.DataFrame, repr=False, compare=False)

    @property
    def laws(self) -> list[str]:
        """Names of the laws, the baseline first."""
        return list(self.costs)

    def amounts(self, law: str, stage: str = "paid", of: str = "合计") -> numpy.ndarray:
        """Yuan by draw and year. :param stage: ``paid`` or ``claimed`` (before pools). :param of: 合计, a payer or an instrument."""
        fen = self.costs[law][stage]
        if of in self.instruments:
            return fen[:, :, self.instruments.index(of)] / FEN
        mine = numpy.array([of in ("合计", payer) for payer in self.payers])
        if not mine.any():
            raise KeyError(
                f"没有「{of}」。可选：合计、{'、'.join(dict.fromkeys(self.payers))}、{'、'.join(self.instruments)}。"
            )
        return fen[:, :, mine].sum(axis=2) / FEN

    def cash(self, law: str, of: str = "合计") -> numpy.ndarray:
        """Yuan paid out in each year, by draw: part of what is granted is paid in the next year (driver ``lag_next_year``).

        Grants of the year before the first are not known and not included.
        """
        granted = numpy.rint(self.amounts(law, "paid", of) * FEN)
        later = numpy.floor(granted * self.drivers["lag_next_year"])
        now = granted - later
        now[:, 1:] += later[:, :-1]
        return now / FEN

    def groups(self, by: str) -> list[str]:
        """What ``by`` (total, payer, instrument) breaks down into."""
        return {
            "total": ["合计"],
            "payer": list(dict.fromkeys(self.payers)),
            "instrument": list(self.instruments),
        }[by]

    def summary(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """Mean with its standard error and quantiles with theirs, yuan, by law, year and ``by`` (total, payer, instrument)."""
        rows = []
        for law in self.laws:
            for of in self.groups(by):
                values = self.amounts(law, stage, of)
                if not values.any():
                    continue
                for place, year in enumerate(self.years):
                    rows.append({"law": law, "year": year, "of": of} | self.describe(values[:, place]))
        return pandas.DataFrame(rows)

    def over_years(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """The sum over all years, as :meth:`summary`, by law and ``by``."""
        rows = [
            {"law": law, "of": of} | self.describe(self.amounts(law, stage, of).sum(axis=1))
            for law in self.laws
            for of in self.groups(by)
        ]
        return pandas.DataFrame(rows)

    def cash_flow(self) -> pandas.DataFrame:
        """:meth:`cash` described, by law and year (yuan)."""
        rows = []
        for law in self.laws:
            values = self.cash(law)
            rows += [{"law": law, "year": year} | self.describe(values[:, at]) for at, year in enumerate(self.years)]
        return pandas.DataFrame(rows)

    def describe(self, values: numpy.ndarray, quantiles: Sequence[float] = QUANTILES) -> dict[str, float]:
        """Mean, standard error, and quantiles (``q10`` ...) with standard errors (``q10_se`` ...) by resampling."""
        found = {"mean": float(values.mean()), "se": float(values.std(ddof=1) / numpy.sqrt(len(values)))}
        ordered = numpy.sort(values)
        for level in quantiles:
            found[f"q{100 * level:g}"] = float(numpy.quantile(ordered, level))
            found[f"q{100 * level:g}_se"] = float(ordered[self._places(level, len(values))].std(ddof=1))
        return found

    def _places(self, level: float, count: int) -> numpy.ndarray:
        """Where the quantile of a resample falls among so many ordered values, resample by resample.

        The k-th of n resampled values is the value at the k-th of n uniform numbers, which is Beta(k, n + 1 - k).
        """
        if (level, count) not in self._cache:
            rank = 1 + level * (count - 1)
            draw = numpy.random.Generator(numpy.random.PCG64(0)).beta(rank, count + 1 - rank, RESAMPLES)
            self._cache[level, count] = (draw * count).astype(numpy.int64)
        return self._cache[level, count]

    # ----- funds -----

    def exhaustion(self) -> pandas.DataFrame:
        """By law, fund and year in which the fund holds money: chance that it runs out (somebody is not paid in full); expected
        claims, payments and shortfall (yuan); mean shortfall where it runs out; the month by which half of the draws that run
        out have done so, and one and nine in ten of them (None: none does). Standard errors end in ``_se``."""
        rows = []
        for law in self.laws:
            for number, fund in enumerate(FUNDS):
                for year in self.years:
                    money = self._money(law, number, year)
                    if not money[:, 0].any():
                        continue
                    available, claimed, paid = (money[:, column] / FEN for column in range(3))
                    month = self._month_out(law, number, year)
                    out = month <= MONTHS
                    short = numpy.maximum(claimed - paid, 0)
                    early, middle, late = (
                        (int(numpy.quantile(month[out], level, method="inverted_cdf")) if out.any() else None)
                        for level in (0.1, 0.5, 0.9)
                    )
                    rows.append(
                        {
                            "law": law,
                            "fund": fund.label,
                            "year": year,
                            "available": float(available.mean()),
                            **_mean_and_error("claimed", claimed),
                            **_mean_and_error("paid", paid),
                            "chance": float(out.mean()),
                            "chance_se": float(numpy.sqrt(out.mean() * (1 - out.mean()) / self.draws)),
                            **_mean_and_error("shortfall", short),
                            **_mean_and_error("shortfall_if_out", short[out]),
                            "month": middle,
                            "month_early": early,
                            "month_late": late,
                        }
                    )
        return pandas.DataFrame(rows)

    def _money(self, law: str, number: int, year: int) -> numpy.ndarray:
        """Available, claimed and paid of a fund, draw by draw (whole fen)."""
        return self.costs[law]["funds"][:, self.years.index(year), number]

    def _month_out(self, law: str, number: int, year: int) -> numpy.ndarray:
        """Month (1 to 12) in which a fund runs out in each draw, 13 where it does not.

        A fund that leaves claims unpaid although all of them together do not exceed it (one shared out in parts) is taken to
        run out in December.
        """
        money = self._money(law, number, year)
        first = first_month(self.costs[law]["months"][:, self.years.index(year), number], money[:, 0])
        return numpy.where(money[:, 1] > money[:, 2], numpy.minimum(first, MONTHS), MONTHS + 1)

    def months(self, law: str, fund: str, year: int) -> numpy.ndarray:
        """Share of draws in which a fund has run out by the end of each month (12 numbers)."""
        month = self._month_out(law, [one.label for one in FUNDS].index(fund), year)
        return numpy.array([(month <= end).mean() for end in range(1, MONTHS + 1)])

    def exhaustion_by_month(self) -> pandas.DataFrame:
        """:meth:`months` of every law, fund and year in which the fund runs out in any draw, with standard errors."""
        rows = []
        for line in self.exhaustion().to_dict("records"):
            if not line["chance"]:
                continue
            share = self.months(line["law"], line["fund"], line["year"])
            error = numpy.sqrt(share * (1 - share) / self.draws)
            about = {name: line[name] for name in ("law", "fund", "year")}
            rows += [
                about | {"month": month, "chance": one, "chance_se": se}
                for month, one, se in zip(range(1, MONTHS + 1), share, error, strict=True)
            ]
        return pandas.DataFrame(rows, columns=["law", "fund", "year", "month", "chance", "chance_se"])

    def ever_out(self, law: str, fund: str) -> float:
        """Chance that a fund runs out in any of the years."""
        number = [one.label for one in FUNDS].index(fund)
        months = [self._month_out(law, number, year) for year in self.years]
        return float((numpy.min(months, axis=0) <= MONTHS).mean())

    def left_unpaid(self, law: str) -> pandas.DataFrame:
        """Who is left unpaid when funds run out: expected shortfall by fund, year and county (yuan), largest first."""
        names = [member.value for member in County]
        unpaid = numpy.maximum(self.costs[law]["unpaid"], 0) / FEN
        rows = [
            {
                "fund": FUNDS[number].label,
                "year": year,
                "county": names[county],
                **_mean_and_error("shortfall", unpaid[:, place, number, county]),
            }
            for place, year in enumerate(self.years)
            for number in range(len(FUNDS))
            for county in numpy.flatnonzero(unpaid[:, place, number].any(axis=0))
        ]
        table = pandas.DataFrame(rows, columns=["fund", "year", "county", "shortfall", "shortfall_se"])
        return table.sort_values(["fund", "year", "shortfall"], ascending=[True, True, False], ignore_index=True)

    def fund_need(self, levels: Sequence[float] = LEVELS) -> pandas.DataFrame:
        """The size of each fund that covers the claims on it with a given chance, by law, fund and year in which it holds
        money (yuan): what it has, mean claims, quantiles, with standard errors; ``enough``: chance that what it has suffices."""
        rows = []
        for law in self.laws:
            for number, fund in enumerate(FUNDS):
                for year in self.years:
                    money = self._money(law, number, year)
                    if money[:, 0].any():
                        enough = float((money[:, 1] <= money[:, 0]).mean())
                        about = {"law": law, "fund": fund.label, "year": year, "available": money[:, 0].mean() / FEN}
                        rows.append(about | {"enough": enough} | self.describe(money[:, 1] / FEN, levels))
        return pandas.DataFrame(rows)

    def appropriation(self, levels: Sequence[float] = LEVELS) -> pandas.DataFrame:
        """The appropriation that covers all claims before pools with a given chance, by law, payer and year (yuan), with
        standard errors."""
        rows = []
        for law in self.laws:
            for payer in ("合计", *dict.fromkeys(self.payers)):
                values = self.amounts(law, "claimed", payer)
                for place, year in enumerate(self.years):
                    if values[:, place].any():
                        rows.append(
                            {"law": law, "payer": payer, "year": year} | self.describe(values[:, place], levels)
                        )
        return pandas.DataFrame(rows)

    # ----- reforms -----

    def difference(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """Each reform less the baseline on the same draws (yuan): mean, standard error, quantiles; by year and ``by``."""
        base, *reforms = self.laws
        rows = []
        for law in reforms:
            for of in self.groups(by):
                values = self.amounts(law, stage, of) - self.amounts(base, stage, of)
                for place, year in enumerate(self.years):
                    rows.append({"law": law, "year": year, "of": of} | self.describe(values[:, place]))
        return pandas.DataFrame(rows)

    def difference_over_years(self, stage: str = "paid", by: str = "total") -> pandas.DataFrame:
        """The sum over all years, as :meth:`difference`."""
        base, *reforms = self.laws
        rows = [
            {"law": law, "of": of}
            | self.describe((self.amounts(law, stage, of) - self.amounts(base, stage, of)).sum(axis=1))
            for law in reforms
            for of in self.groups(by)
        ]
        return pandas.DataFrame(rows)

    def risk(self) -> pandas.DataFrame:
        """Each reform against the baseline on the same draws: chance that a fund runs out, before, after, change with its
        standard error; by fund and year in which it holds money under either law."""
        base, *reforms = self.laws
        rows = []
        for law in reforms:
            for number, fund in enumerate(FUNDS):
                for year in self.years:
                    if not any(self._money(one, number, year)[:, 0].any() for one in (base, law)):
                        continue
                    before, after = (self._month_out(one, number, year) <= MONTHS for one in (base, law))
                    change = _mean_and_error("change", after.astype(float) - before)
                    chances = {"before": float(before.mean()), "after": float(after.mean())}
                    rows.append({"law": law, "fund": fund.label, "year": year} | chances | change)
        return pandas.DataFrame(rows)

    # ----- enough draws? -----

    def convergence(self, law: str | None = None) -> pandas.DataFrame:
        """Mean of the sum over all years, its standard error (yuan and share), and the nine-in-ten quantile, after more and
        more draws."""
        values = self.amounts(law or self.laws[0]).sum(axis=1)
        numbers = [number for number in (10, 20, 50, 100, 200, 500, 1000, 2000, 5000) if number < self.draws] + [
            self.draws
        ]
        rows = []
        for number in numbers:
            some = values[:number]
            se = float(some.std(ddof=1) / numpy.sqrt(number))
            mean = float(some.mean())
            rows.append(
                {
                    "draws": number,
                    "mean": mean,
                    "se": se,
                    "share": se / mean if mean else 0.0,
                    "q90": float(numpy.quantile(some, 0.9)),
                }
            )
        return pandas.DataFrame(rows)

    def draws_needed(self, law: str | None = None, share: float = ENOUGH) -> int:
        """Draws after which the standard error of the mean over all years is at most a share of it."""
        values = self.amounts(law or self.laws[0]).sum(axis=1)
        mean = values.mean()
        return int(numpy.ceil((values.std(ddof=1) / (share * mean)) ** 2)) if mean else 2

    # ----- forms -----

    def to_pandas(self) -> pandas.DataFrame:
        """Paid by law, year and instrument: mean, standard error, quantiles (yuan)."""
        return self.summary("paid", "instrument")

    def to_json(self) -> dict:
        """Tables and run record, JSON-ready; money in yuan."""
        return {
            "over_years": self.over_years().to_dict("records"),
            "total": self.summary().to_dict("records"),
            "by_payer": self.summary("paid", "payer").to_dict("records"),
            "by_instrument": self.to_pandas().to_dict("records"),
            "cash": self.cash_flow().to_dict("records"),
            "difference": self.difference().to_dict("records"),
            "difference_over_years": self.difference_over_years().to_dict("records"),
            "risk": self.risk().to_dict("records"),
            "funds": _plain(self.exhaustion()),
            "funds_by_month": self.exhaustion_by_month().to_dict("records"),
            "left_unpaid": {law: self.left_unpaid(law).to_dict("records") for law in self.laws},
            "fund_need": self.fund_need().to_dict("records"),
            "appropriation": self.appropriation().to_dict("records"),
            "convergence": self.convergence().to_dict("records"),
            "draws_needed": self.draws_needed(),
            "documents": _plain(self.documents),
            "drivers": self.drivers.table().to_dict("records"),
            "record": self.record,
        }


def first_month(months: numpy.ndarray, available: numpy.ndarray) -> numpy.ndarray:
    """Month (1 to 12) in which the claims so far first exceed the money, 13 if they never do.

    :param months: claims by draw and month. :param available: money of each draw.
    """
    beyond = numpy.cumsum(months, axis=1) > available[:, None]
    return numpy.where(beyond.any(axis=1), beyond.argmax(axis=1) + 1, 13)


def _mean_and_error(name: str, values: numpy.ndarray) -> dict[str, float]:
    """Mean and standard error; zeros without values, no error (nan) of a single value."""
    if not len(values):
        return {name: 0.0, f"{name}_se": 0.0}
    error = values.std(ddof=1) / numpy.sqrt(len(values)) if len(values) > 1 else numpy.nan
    return {name: float(values.mean()), f"{name}_se": float(error)}


def _plain(table: pandas.DataFrame) -> list[dict]:
    """Rows of a table, JSON-ready: nothing instead of nan."""
    whole = table.astype(object)
    return whole.where(whole.notna(), None).to_dict("records")
