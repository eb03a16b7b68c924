"""Forecasts: every draw is an ordinary simulation, the same draws for every law, drivers, funds, figures, the command."""

from __future__ import annotations

import argparse
import dataclasses
import json
import warnings

import numpy
import pandas
import pytest
import twelve

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import budget, to_fen_signed
from openfisca_jining.analysis.forecast import forecast as module
from openfisca_jining.analysis.forecast.drivers import Drivers, drivers_from
from openfisca_jining.analysis.forecast.forecast import Forecast, Task, Worker, first_month, forecast
from openfisca_jining.analysis.forecast.runs import COUNTIES, DOCUMENTS, LawSpec, YearLaw, reached
from openfisca_jining.analysis.forecast.worlds import BaseYear, WorldSimulation, as_population, mean_of_tail
from openfisca_jining.classifications import County
from openfisca_jining.cli import main
from openfisca_jining.commands.common import example_population
from openfisca_jining.commands.forecast import answer, appropriation_text, difference_lines
from openfisca_jining.errors import BadFact
from openfisca_jining.instruments import FUNDS, INSTRUMENTS, instruments
from openfisca_jining.law import leaves
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise

ZONE_POOL, SPECIAL_FUND = (fund.label for fund in FUNDS)
#: Drivers under which a copy of a project is the project itself.
STILL = {
    "approval_rate": 1.0,
    "size_sigma": 0.0,
    "tail_share": 0.0,
    "common_count_sigma": 0.0,
    "common_size_sigma": 0.0,
    "month_sigma": 0.0,
    "class_persistence": 1.0,
    "revenue_growth": 0.0,
}
#: What some readings need and no text states.
SUPPLIED = (
    "yanzhou_2020.special_fund.amount=500万元",
    "zaozhuang_2020.equipment.minimum_investment=500万元",
    "zaozhuang_2020.equipment.cap_per_enterprise=200万元",
    "zaozhuang_2020.equipment.prior_rate=6%",
    "zaozhuang_2020.loan_interest.maximum_days=300",
    "zaozhuang_2020.loan_interest.prior_rate=30%",
    "zaozhuang_2020.loan_interest.cap_per_enterprise=100万元",
)
#: A fund of 5 million, so that claims of the small table exceed it, and documents that stay open.
TIGHT = ("jining_2020.special_fund.amount=5000000@2021-01-01",)
AMOUNT, ONE_OFF = "jining_2020.special_fund.amount", "jining_2020.special_fund_period=one_off_total"
OPEN = ("jining_2017.life=open_until_repealed", "zaozhuang_2020.life=open_until_repealed")


def example() -> Population:
    """The bundled table."""
    return example_population(argparse.Namespace(year=None))[0]


def messy() -> Population:
    """The bundled table with weights, blank cells, claims on every fund, a consortium across counties and idle enterprises."""
    population = example()
    draw = numpy.random.default_rng(0)
    projects, enterprises = population.projects.copy(), population.enterprises.copy()
    count, firms = len(projects), len(enterprises)
    projects["special_fund_claim"] = numpy.where(draw.random(count) < 0.3, 1e6, 0.0)
    projects["major_project"] = draw.random(count) < 0.4
    projects["development_zone"] = draw.integers(0, 4, count)
    projects["assessed_award"] = numpy.where(projects["major_project"], draw.integers(1, 9, count) * 1e6, 0.0)
    projects["equipment_vat"] = (projects["equipment_investment"] * 0.13).round(2).where(draw.random(count) < 0.5)
    whole = (projects["equipment_investment"] * 1.5).round(2)
    projects["cumulative_equipment_investment"] = whole.where(draw.random(count) < 0.4)
    projects["robot_investment"] = projects["robot_investment"].where(draw.random(count) < 0.8)
    projects["application_date"] = projects["application_date"].where(draw.random(count) < 0.7)
    city = projects["application_date"] + pandas.Timedelta(days=10)
    projects["city_application_date"] = city.where(draw.random(count) < 0.5)
    projects["invoice_date"] = projects["application_date"] - pandas.Timedelta(days=90)
    projects.loc[[3, 20, 30], "consortium_id"] = "跨县"
    kept = (enterprises["county"] == "yanzhou") | (draw.random(firms) < 0.3)
    enterprises["yield_per_mu_class"] = enterprises["yield_per_mu_class"].where(kept)
    leap = pandas.Series(pandas.to_datetime(["2020-02-29"] * firms))
    enterprises["last_major_violation_date"] = leap.where(draw.random(firms) < 0.2)
    enterprises["weight"] = draw.choice([1.0, 1.5, 2.25, 3.0], firms)
    idle = enterprises.iloc[[0, 5]].assign(enterprise_id=["闲1", "闲2"])
    return Population(2021, projects, pandas.concat([enterprises, idle], ignore_index=True), "表")


def one_claim(claim: float = 3_000_000.0, **facts) -> Population:
    """One enterprise in Rencheng with one claim on the special fund."""
    project = {"project_id": "P", "enterprise_id": "E", "special_fund_claim": claim} | facts
    return Population(
        2021, pandas.DataFrame([project]), pandas.DataFrame([{"enterprise_id": "E", "county": "rencheng"}])
    )


def base_of(population: Population, system, seed: int = 1, **drivers: float) -> BaseYear:
    return BaseYear(population, system, Drivers(drivers), seed)


def made(costs: dict[str, dict], years: tuple[int, ...], **drivers: float) -> Forecast:
    """A forecast of given costs (whole fen). What is not given is 0."""
    draws = len(next(iter(next(iter(costs.values())).values())))
    shapes = {
        "claimed": (draws, len(years), len(INSTRUMENTS)),
        "paid": (draws, len(years), len(INSTRUMENTS)),
        "funds": (draws, len(years), len(FUNDS), 3),
        "months": (draws, len(years), len(FUNDS), 12),
        "unpaid": (draws, len(years), len(FUNDS), COUNTIES),
    }
    whole = {
        law: {name: given.get(name, numpy.zeros(shape, dtype=numpy.int64)) for name, shape in shapes.items()}
        for law, given in costs.items()
    }
    payers = ("济宁市级财政",) * 5 + ("兖州区财政",) * 4 + ("枣庄市级财政",) * 2
    return Forecast(years, draws, whole, tuple(INSTRUMENTS), payers, Drivers(drivers), {})


def same(one: Forecast, other: Forecast) -> bool:
    return all(
        numpy.array_equal(one.costs[law][name], other.costs[law][name]) for law in one.laws for name in one.costs[law]
    )


# ----- every draw is an ordinary simulation -----


@pytest.mark.parametrize(
    ("population", "law"),
    [
        (example, LawSpec("现行")),
        (twelve.population, LawSpec("比例", changes=(*TIGHT, twelve.RATE, twelve.CAP, twelve.YANZHOU_CAP))),
        (messy, LawSpec("改革", ("jining_2017_to_2025", "class_a_two_points"), changes=TIGHT)),
        (messy, LawSpec("先后", readings=(*OPEN, "jining_2020.special_fund_rationing=first_come"), changes=TIGHT)),
        (messy, LawSpec("另加", readings=(*OPEN, "jining_2020.special_fund_relation=additional"), changes=TIGHT)),
        (messy, LawSpec("每区", readings=(*OPEN, "jining_2017.zone_pool_scope=per_zone"), changes=TIGHT)),
        (messy, LawSpec("分摊", readings=(*OPEN, "jining_2017.zone_pool_allocation=pro_rata_investment"))),
    ],
)  # fmt: skip
def test_every_draw_equals_an_ordinary_simulation_to_the_fen(population, law):
    drivers = Drivers({"robot_factor": 2.0, "class_persistence": 0.3, "month_shift": 20.0, "pace": 0.5})
    system = law.build()
    base = BaseYear(population(), system, drivers, 5)
    draws, compared = (0, 1, 7), 0
    for year in (2021, 2022, 2023):
        costs = YearLaw(system, year).costs(base, base.worlds(year, draws))
        for number, draw in enumerate(draws):
            alone = as_population(base, base.worlds(year, [draw]))
            result = budget(alone, system)
            ledger, simulation = result.by("instrument"), alone.simulation(system)
            weight = simulation.persons.enterprise("weight", str(year))
            for place, one in enumerate(instruments(system)):
                paid = to_fen_signed(ledger["paid"].get(one.label, 0.0)).item()
                before = to_fen_signed(weight * simulation.calculate(one.stages[4], str(year))).sum()
                assert costs.paid[number, place] == paid
                assert costs.claimed[number, place] == before
                compared += paid > 0
            funds = result.funds.set_index("fund")
            for place, fund in enumerate(FUNDS):
                want = [0, 0, 0]
                if fund.label in funds.index:
                    want = [
                        to_fen_signed(funds.loc[fund.label, name]).item() for name in ("available", "claimed", "paid")
                    ]
                assert costs.funds[number, place].tolist() == want
                assert costs.months[number, place].sum() == want[1]
                assert costs.unpaid[number, place].sum() == want[1] - want[2]
    assert compared >= 20


def test_robots_that_a_blank_cell_gains_are_in_the_table_of_the_draw(system):
    projects = pandas.DataFrame(
        {
            "project_id": ["A", "B"],
            "enterprise_id": ["E", "F"],
            "equipment_investment": [1e7, 4e6],
            "robot_investment": [2e6, None],
            "in_use": True,
            "catalogue_category": "encouraged",
        }
    )
    firms = pandas.DataFrame({"enterprise_id": ["E", "F"], "county": "rencheng"})
    base = base_of(Population(2021, projects, firms), system, robot_factor=5.0, **STILL)
    with pytest.raises(ValueError, match="一次抽样"):
        as_population(base, base.worlds(2021, [0, 1]))
    gained = 0
    for draw in range(20):
        world = base.worlds(2021, [draw])
        if set(world.rows["project"]) != {0, 1}:
            continue
        table = as_population(base, world).projects
        # 增添的机器人占设备的比例同原有的一样：4,000,000 x 2,000,000 / 10,000,000 = 800,000
        assert set(table.loc[table["equipment_investment"] == 4e6, "robot_investment"].fillna(0)) <= {0.0, 800_000.0}
        gained += (table["robot_investment"] == 800_000.0).any()
    assert gained >= 3


@pytest.mark.parametrize("which", range(5))
def test_a_document_gives_nothing_where_no_claim_is_in_its_scope(which):
    """What ``YearLaw`` leaves out, under the first, second ... alternative of every reading at once."""
    law = CountryTaxBenefitSystem()
    readings = []
    for parameter in leaves(law.parameters):
        known = list(parameter.metadata.get("readings", ()))
        if known:
            readings.append((parameter.name, known[which % len(known)]))
    system = LawSpec("读法", readings=tuple(readings), supply=SUPPLIED).build()
    base = BaseYear(messy(), system, Drivers({"robot_factor": 2.0}), 5)
    looked_at = 0
    for year in (2021, 2023):
        year_law = YearLaw(system, year)
        year_law.learn(base)
        simulation = WorldSimulation(system, base, base.worlds(year, range(6)))
        for document in DOCUMENTS:
            outside = ~reached(simulation, document)[simulation.world.part]
            stages = {
                f"{name}__{suffix}" for name in INSTRUMENTS for suffix in INSTRUMENTS[name] if name.startswith(document)
            }
            for name in (stages | year_law.nothing[document]) - year_law.pooled:
                assert not simulation.calculate(name, str(year))[outside].any(), name
                looked_at += outside.any()
    assert looked_at >= 30


# ----- the same draws -----


def test_a_reform_that_changes_nothing_gives_exactly_nothing():
    found = forecast(
        messy(),
        (2021, 2022),
        6,
        baseline=LawSpec("现行", changes=TIGHT),
        reforms=[LawSpec("同样", changes=(*TIGHT, "jining_2017.equipment.rate=3%@2021-01-01"))],
    )
    assert all(numpy.array_equal(found.costs["现行"][name], found.costs["同样"][name]) for name in found.costs["现行"])
    numbers = found.difference("paid", "instrument").drop(columns=["law", "year", "of"]).to_numpy()
    assert (numbers == 0).all()
    assert (found.risk()["change"] == 0).all()
    assert found.amounts("现行").sum() > 0


def test_a_reform_of_one_payer_leaves_the_draws_of_the_others_alone():
    found = forecast(example(), (2021, 2022), 8, reforms=[LawSpec("减半", ("zaozhuang_rate_halved",))])
    before, after = found.costs["现行政策"], found.costs["减半"]
    assert numpy.array_equal(before["projects"], after["projects"])
    assert numpy.array_equal(before["paid"][:, :, :9], after["paid"][:, :, :9])
    moved = found.amounts("减半", of="枣庄市级财政") - found.amounts("现行政策", of="枣庄市级财政")
    assert (moved <= 0).all() and (moved < 0).any()
    with pytest.raises(KeyError, match=r"没有「国库」。可选：合计、.*枣庄市级财政"):
        found.amounts("减半", of="国库")


def test_figures_do_not_depend_on_processes_or_chunks(monkeypatch):
    table, years = messy(), (2021, 2022)
    question = {"reforms": [LawSpec("延长", ("jining_2017_to_2025",), changes=TIGHT)], "carry_over": True}
    one = forecast(table, years, 4, **question)
    monkeypatch.setattr(module, "DRAWS_AT_ONCE", 3)
    two = forecast(table, years, 4, workers=2, **question)
    monkeypatch.setattr(module, "ROWS_AT_ONCE", 1)
    assert len(module.chunks_of(Task(table, (2021,), (module.CURRENT,), Drivers(), 1), 4)) == 4
    single = forecast(table, years, 4, **question)
    assert same(one, two) and same(one, single)
    assert one.amounts("延长").any()


def test_seeds_and_the_number_of_draws():
    table, years = example(), (2021, 2023)
    five = forecast(table, years, 5)
    three = forecast(table, years, 3)
    assert all(
        numpy.array_equal(five.costs["现行政策"][name][:3], three.costs["现行政策"][name])
        for name in three.costs["现行政策"]
    )
    assert same(three, forecast(table, years, 3))
    other = forecast(table, (2021,), 3, seed=2)
    assert (other.amounts("现行政策")[:, 0] != three.amounts("现行政策")[:, 0]).all()
    later = forecast(table, (2023,), 3)  # 别的年度算不算，也不影响
    assert numpy.array_equal(later.amounts("现行政策")[:, 0], three.amounts("现行政策")[:, 1])


# ----- worlds -----


def test_worlds_are_made_of_whole_parts_of_the_base_year(system):
    table = messy()
    base = base_of(table, system, approval_rate=1.0)
    cross = set(numpy.flatnonzero(table.projects["consortium_id"] == "跨县"))
    idle = {len(table.enterprises) - 1, len(table.enterprises) - 2}
    for draw in range(10):
        world = base.worlds(2022, [draw])
        number = numpy.bincount(world.rows["project"], minlength=len(table))
        assert len({number[row] for row in cross}) == 1  # 共同体的成员同进同出
        assert not idle & set(world.rows["enterprise"])
        # 每个项目在自己企业的一份里
        assert (
            table.enterprise_number[world.rows["project"]] == world.rows["enterprise"][world.members["enterprise"]]
        ).all()
        together = pandas.Series(world.rows["project"]).groupby(world.members["consortium"]).agg(set)
        assert {frozenset(one) for one in together if len(one) > 1} <= {
            frozenset(numpy.flatnonzero(table.projects["consortium_id"] == name)) for name in ("跨县", "C001")
        }


def test_a_world_without_projects_costs_nothing_and_its_funds_keep_their_money():
    found = forecast(one_claim(), (2021, 2022), 4, drivers=Drivers({"approval_rate": 0.0}))
    assert (found.costs["现行政策"]["projects"] == 0).all()
    assert not found.amounts("现行政策").any() and not found.amounts("现行政策", "claimed").any()
    row = found.exhaustion().query("fund == @SPECIAL_FUND").iloc[0]
    assert (row["available"], row["claimed"], row["chance"]) == (200_000_000.0, 0.0, 0.0)
    assert found.draws_needed() == 2


def test_blank_columns_and_old_base_years(system):
    table = one_claim(
        application_date=None, loan_interest_paid=None, robot_investment=None, equipment_investment=3e7, in_use=True
    )
    table.projects["catalogue_category"] = "encouraged"
    table.enterprises["yield_per_mu_class"] = None
    old = dataclasses.replace(table, year=2018)
    for population, year in ((table, 2025), (old, 2018), (old, 2020)):
        base = base_of(population, system, robot_factor=2.0, class_persistence=0.0)
        costs = YearLaw(system, year).costs(base, base.worlds(year, range(5)))
        assert costs.projects.sum() > 0
        assert costs.paid.sum() == sum(
            to_fen_signed(budget(as_population(base, base.worlds(year, [draw])), system).total).item()
            for draw in range(5)
            if costs.projects[draw]
        )
    # LPR 2019-08-20 才有：2018 年按第一个值 4.25%，2018 到 2020 年的利息只按 3.85%/4.25% 变
    base = base_of(dataclasses.replace(old, projects=old.projects.assign(loan_interest_paid=1e6)), system, **STILL)
    draw = next(draw for draw in range(9) if len(base.worlds(2020, [draw]).rows["project"]))
    # 1,000,000 x 0.0385 / 0.0425 = 905,882.352...，舍到分
    assert base.worlds(2020, [draw]).facts["loan_interest_paid"][0] == 905_882.35


def test_dates_keep_their_day_and_leap_days_fall_back(system):
    table = one_claim(application_date=pandas.Timestamp("2020-02-29"), invoice_date=pandas.Timestamp("2019-02-28"))
    base = base_of(dataclasses.replace(table, year=2020), system)
    assert base.shifted("application_date", 2021)[0] == numpy.datetime64("2021-02-28")
    assert base.shifted("application_date", 2024)[0] == numpy.datetime64("2024-02-29")
    assert base.shifted("invoice_date", 2024)[0] == numpy.datetime64("2023-02-28")


def test_only_applications_of_the_base_year_move_and_stay_in_their_year(system):
    days = ["2021-01-05", "2021-06-10", "2021-12-30", "2020-12-30", None]
    projects = pandas.DataFrame(
        {
            "project_id": list("ABCDE"),
            "enterprise_id": list("ABCDE"),
            "application_date": pandas.to_datetime(days),
            "city_application_date": pandas.to_datetime(["2021-01-15", None, None, None, None]),
            "special_fund_claim": 1e6,
        }
    )
    firms = pandas.DataFrame({"enterprise_id": list("ABCDE"), "county": "rencheng"})
    base = base_of(Population(2021, projects, firms), system, **(STILL | {"month_shift": 30.0}))
    worlds = base.worlds(2023, range(20))
    for name, expected in (
        # 1 月 5 日加 30 天是 2 月 4 日；6 月 10 日加 30 天是 7 月 10 日；12 月 30 日不出当年；别的年度和没有填的不动
        ("application_date", ["2023-02-04", "2023-07-10", "2023-12-31", "2022-12-30", "1970-01-01"]),
        ("city_application_date", ["2023-02-14", "1970-01-01", "1970-01-01", "1970-01-01", "1970-01-01"]),
    ):
        assert (worlds.facts[name] == numpy.array(expected, dtype="datetime64[D]")[worlds.rows["project"]]).all()
    moved = base_of(Population(2021, projects, firms), system, **(STILL | {"month_sigma": 20.0})).worlds(
        2023, range(200)
    )
    june = moved.facts["application_date"][moved.rows["project"] == 1]
    off = (june - numpy.datetime64("2023-06-10")).astype(int)
    assert abs(off.mean()) < 4 * 20 / len(off) ** 0.5 and abs(off.std() - 20) < 4 * 20 / (2 * len(off)) ** 0.5
    first = moved.facts["application_date"][moved.rows["project"] == 0]
    both = moved.facts["city_application_date"][moved.rows["project"] == 0]
    apart = (both - first).astype(int)[first > numpy.datetime64("2023-01-01")]
    assert (apart == 10).all()  # 同一项目的两个申报日期一起动


# ----- drivers -----


def counts(base: BaseYear, year: int, draws: int, city: int) -> numpy.ndarray:
    """Projects of a city in each draw."""
    return numpy.array([(base.city[base.worlds(year, [draw]).rows["project"]] == city).sum() for draw in range(draws)])


def test_growth_of_counts_doubles_them_on_average(system):
    table = synthesise(2021, 1, projects=150)
    jining = (table.city_number == 0).sum()
    base = base_of(table, system, count_growth_jining=1.0, approval_rate=1.0, common_count_sigma=0.0)
    found = counts(base, 2022, 150, 0)
    assert abs(found.mean() - 2 * jining) < 4 * found.std(ddof=1) / 150**0.5
    other = counts(base, 2022, 150, 1)
    assert abs(other.mean() - (table.city_number == 1).sum()) < 4 * other.std(ddof=1) / 150**0.5
    rate = counts(base_of(table, system, application_rate=0.5, common_count_sigma=0.0), 2021, 150, 0)
    assert abs(rate.mean() - 0.5 * 0.95 * jining) < 4 * rate.std(ddof=1) / 150**0.5  # 获批 95%


def test_more_claims_leave_the_others_as_they_were(system):
    """A driver that adds copies does not reshuffle sizes, dates and approvals of the rest."""
    table = example()
    few, many = (base_of(table, system, count_growth_jining=rate).worlds(2022, [3]) for rate in (0.0, 0.3))
    assert len(many.rows["project"]) > len(few.rows["project"])
    columns = ["equipment_investment", "application_date"]
    seen = [
        pandas.DataFrame({"row": one.rows["project"]} | {name: one.facts[name] for name in columns})
        for one in (few, many)
    ]
    assert len(seen[0].merge(seen[1].drop_duplicates(), how="inner", on=["row", *columns])) == len(seen[0])


def test_copies_of_a_claim_are_drawn_one_by_one(system):
    base = base_of(one_claim(), system, application_rate=3.0, approval_rate=0.5)
    sizes = [base.worlds(2021, [draw]).facts["special_fund_claim"] for draw in range(200)]
    assert all(len(set(one)) == len(one) for one in sizes)
    assert max(map(len, sizes)) >= 5
    # 3 份各有一半获批：恰得 1.5 份的泊松分布，方差也是 1.5（同批同退的方差是 0.25 x 9 + 0.5 x 3 = 3.75 左右）
    number = numpy.array(list(map(len, sizes)))
    assert abs(number.mean() - 1.5) < 4 * (1.5 / 200) ** 0.5
    assert number.var(ddof=1) < 2.5


def test_pace_scales_jining_only(system):
    table = example()
    still, fast = (base_of(table, system, pace=pace).worlds(2021, range(5)) for pace in (0.0, 1.0))
    before, after = (one.facts["equipment_investment"] for one in (still, fast))
    city = table.city_number[still.rows["project"]]
    assert (city == 0).any() and (city == 1).any()
    assert (after[city == 1] == before[city == 1]).all()
    # 1,200 亿元 / 800 亿元 = 1.5
    assert numpy.abs(after[city == 0] - 1.5 * before[city == 0]).max() < 0.02


def test_growth_of_sizes_prices_revenue_and_interest(system):
    changed = STILL | {"size_growth": 0.1, "price_growth": 0.2, "revenue_growth": 0.05}
    base = base_of(example(), system, **changed)
    world = base.worlds(2023, range(3))
    rows = world.rows["project"]
    table = base.population
    # (1.1 x 1.2) 的平方 = 1.7424；1.05 的平方 = 1.1025；舍到分
    grown = numpy.floor(table.projects["equipment_investment"].to_numpy()[rows] * 100 * 1.7424 + 1e-6) / 100
    assert numpy.abs(world.facts["equipment_investment"] - grown).max() < 0.0101
    revenue = table.enterprises["revenue"].to_numpy()[world.rows["enterprise"]] * 1.1025
    assert numpy.abs(world.facts["revenue"] - revenue).max() < 0.0101
    for shift, rate in ((0.0, 0.0355), (0.01, 0.0455)):  # LPR 2021 年中 3.85%，2023 年中 3.55%
        moved = base_of(example(), system, **STILL, lpr_shift=shift).worlds(2023, range(3)).facts["loan_interest_paid"]
        paid = table.projects["loan_interest_paid"].to_numpy()[rows]
        assert numpy.abs(moved - paid * rate / 0.0385).max() < 0.0101


def test_a_shift_of_the_loan_prime_rate_is_not_applied_twice():
    task = Task(example(), (2021, 2023), (module.CURRENT,), Drivers({"lpr_shift": 0.01}), 1)
    worker = Worker(task)
    law = worker.systems[0].parameters.children["national"].children["lpr"].children["one_year"]
    assert [round(law.get_at_instant(day), 6) for day in ("2021-07-01", "2023-07-01")] == [0.0385, 0.0455]
    assert [round(worker.base.rate(year), 6) for year in (2021, 2023)] == [0.0385, 0.0455]


def test_classes_are_kept_or_drawn_by_the_shares_of_the_base_year(system):
    table = example()
    kept = base_of(table, system, class_persistence=1.0).worlds(2024, range(5))
    own = base_of(table, system).stated["yield_per_mu_class"][0]
    assert (kept.facts["yield_per_mu_class"] == numpy.asarray(own)[kept.rows["enterprise"]]).all()
    drawn = base_of(table, system, class_persistence=0.0).worlds(2022, range(100)).facts["yield_per_mu_class"]
    for number in numpy.unique(own):
        share = (numpy.asarray(own) == number).mean()
        assert abs((drawn == number).mean() - share) < 4 * (share * (1 - share) / len(drawn)) ** 0.5
    half = base_of(table, system, class_persistence=0.5).worlds(2023, range(100))
    stays = (half.facts["yield_per_mu_class"] == numpy.asarray(own)[half.rows["enterprise"]]).mean()
    again = ((numpy.bincount(numpy.asarray(own)) / len(own)) ** 2).sum()  # 重新评定仍是原来的等级
    assert abs(stays - (0.25 + 0.75 * again)) < 0.03  # 两年都不重新评定的机会 0.5 的平方


def test_nobody_is_assessed_as_unstated(system):
    table = twelve.population()  # 枣庄等地的企业没有评价
    base = base_of(table, system, class_persistence=0.0)
    world = base.worlds(2022, range(30))
    stated = table.enterprises["yield_per_mu_class"].notna().to_numpy()[world.rows["enterprise"]]
    unstated = base.unstated_class
    assert (world.facts["yield_per_mu_class"][stated] != unstated).all()
    assert (world.facts["yield_per_mu_class"][~stated] == unstated).all()
    spelt = table.enterprises["yield_per_mu_class"].fillna("unstated")  # 明填「未填写」的，同样不抽到别人头上
    spelt = dataclasses.replace(table, enterprises=table.enterprises.assign(yield_per_mu_class=spelt))
    world = base_of(spelt, system, class_persistence=0.0).worlds(2022, range(30))
    stated = (spelt.enterprises["yield_per_mu_class"] != "unstated").to_numpy()[world.rows["enterprise"]]
    assert (world.facts["yield_per_mu_class"][stated] != unstated).all()


@pytest.mark.parametrize(("power", "most"), [(1.25, 20.0), (1.0, 20.0), (0.5, 5.0), (3.0, 20.0), (1.25, 1.0)])
def test_the_tail_keeps_the_mean(power, most):
    # 密度 a x^(-a-1) / (1 - m^-a) 的均值，按分位数等分求和（中点法）
    quantile = (numpy.arange(400_000) + 0.5) / 400_000
    values = (1 - quantile * (1 - most**-power)) ** (-1 / power)
    assert mean_of_tail(power, most) == pytest.approx(values.mean(), rel=1e-5)


def test_sizes_and_common_factors_have_mean_one(system):
    base = base_of(one_claim(), system, **(STILL | {"tail_share": 0.5, "size_sigma": 0.5}))
    sizes = base.worlds(2021, range(6000)).facts["special_fund_claim"] / 3_000_000
    assert abs(sizes.mean() - 1) < 4 * sizes.std(ddof=1) / len(sizes) ** 0.5
    assert sizes.max() > 5
    base = base_of(one_claim(), system, common_count_sigma=0.3, common_size_sigma=0.2, common_persistence=0.5)
    factors = numpy.array([[base.common(year, draw) for year in (2021, 2022, 2023)] for draw in range(3000)])
    errors = factors.std(axis=0, ddof=1) / 3000**0.5
    assert (numpy.abs(factors.mean(axis=0) - 1) < 4 * errors).all()
    logs = numpy.log(factors)
    for kind, sigma in ((0, 0.3), (1, 0.2)):
        assert numpy.abs(logs[:, :, kind].std(axis=0, ddof=1) / sigma - 1).max() < 0.06
        assert abs(numpy.corrcoef(logs[:, 0, kind], logs[:, 1, kind])[0, 1] - 0.5) < 4 * 0.75 / 3000**0.5
        assert abs(numpy.corrcoef(logs[:, 0, kind], logs[:, 2, kind])[0, 1] - 0.25) < 4 * 0.94 / 3000**0.5


def test_robots_are_given_up_or_taken_over(system):
    table = synthesise(2021, 1, projects=200)

    def share(factor: float) -> tuple[float, int]:
        facts = base_of(table, system, robot_factor=factor).worlds(2021, range(20)).facts
        has = (facts["robot_investment"] > 0) | (facts["special_robot_investment"] > 0)
        assert (
            facts["robot_investment"] + facts["special_robot_investment"] <= facts["equipment_investment"] + 1e-6
        ).all()
        return has.mean(), len(has)

    usual, number = share(1.0)
    assert share(0.0)[0] == 0
    for factor in (0.5, 2.0):
        found = share(factor)[0]
        assert abs(found - factor * usual) < 4 * (found * (1 - found) / number) ** 0.5


def test_drivers_say_what_they_are_and_refuse_what_they_cannot_be():
    table = Drivers({"approval_rate": 0.9}).table().set_index("code")
    assert table.loc["approval_rate", ["value", "default", "ground"]].tolist() == [0.9, 0.95, "设定"]
    assert set(table["ground"]) == {"已知", "文献", "假设", "设定"}
    assert table["why"].str.len().min() > 1
    assert drivers_from(["approval_rate=90%", "month_shift=-14天"]).changed == {
        "approval_rate": 0.9,
        "month_shift": -14.0,
    }
    for text, words in (
        ("approve=90%", "没有名为「approve」"),
        ("approval_rate=190%", "应在 0 至 1 之间"),
        ("approval_rate=nan", "应在 0 至 1 之间"),
        ("pace=50%", "不带单位和百分号"),
        ("approval_rate", "写法不对"),
        ("approval_rate=许多", "应为数字"),
    ):
        with pytest.raises(BadFact, match=words):
            drivers_from([text])


# ----- funds -----


def test_what_a_fund_has_left_goes_on():
    # 一个企业，每份申请 300 万元，资金每年 400 万元。抽到的份数由种子定，下面逐年手算。
    law = LawSpec("现行", changes=("jining_2020.special_fund.amount=4000000@2021-01-01",))
    found = forecast(one_claim(), (2021, 2022, 2023), 40, baseline=law, drivers=Drivers(STILL), carry_over=True)
    number = found.costs["现行"]["projects"]
    money = found.costs["现行"]["funds"][:, :, 1] / 1e8  # 百万元
    examples = {
        (1, 2, 1): [(4, 3, 3), (5, 6, 5), (4, 3, 3)],  # 余 1；1+4=5 付完；重新 4
        (0, 3, 0): [(4, 0, 0), (8, 9, 8), (4, 0, 0)],  # 没有申请，4 全结转：8 < 9
        (1, 1, 1): [(4, 3, 3), (5, 3, 3), (6, 3, 3)],
        (2, 0, 2): [(4, 6, 4), (4, 0, 0), (8, 6, 6)],
    }
    met = 0
    for counts_, expected in examples.items():
        for draw in numpy.flatnonzero((number == counts_).all(axis=1)):
            assert money[draw].tolist() == [list(map(float, one)) for one in expected]
            met += 1
    assert met >= 3
    without = forecast(one_claim(), (2021, 2022, 2023), 40, baseline=law, drivers=Drivers(STILL))
    assert (without.costs["现行"]["funds"][:, :, 1, 0] == 400_000_000).all()


def test_money_that_is_not_yearly_is_not_carried_over():
    law = LawSpec("总共", readings=(ONE_OFF,))
    with pytest.raises(BadFact, match=r"不能加到下一年.*--carry-over"):
        forecast(one_claim(), (2021, 2022), 20, baseline=law, drivers=Drivers(STILL), carry_over=True)


def test_a_one_off_fund_is_used_up_over_the_years():
    # 一个企业，每份申请 300 万元，资金总共 1000 万元。抽到的份数由种子定，下面逐年手算。
    law = LawSpec("总共", readings=(ONE_OFF,), changes=("jining_2020.special_fund.amount=10000000@2021-01-01",))
    years = (2021, 2022, 2023)
    found = forecast(one_claim(), years, 60, baseline=law, drivers=Drivers(STILL))
    number = found.costs["总共"]["projects"]
    money = found.costs["总共"]["funds"][:, :, 1] / 1e8  # 百万元
    examples = {
        (1, 2, 1): [(10, 3, 3), (7, 6, 6), (1, 3, 1)],
        (0, 3, 0): [(10, 0, 0), (10, 9, 9), (1, 0, 0)],  # 没有申请的年度，资金原样留下
        (1, 1, 1): [(10, 3, 3), (7, 3, 3), (4, 3, 3)],
        (2, 0, 2): [(10, 6, 6), (4, 0, 0), (4, 6, 4)],
    }
    met = 0
    for counts_, expected in examples.items():
        for draw in numpy.flatnonzero((number == counts_).all(axis=1)):
            assert money[draw].tolist() == [list(map(float, one)) for one in expected]
            met += 1
    assert met >= 4
    assert (found.costs["总共"]["funds"][:, :, 1, 2].sum(axis=1) <= 1_000_000_000).all()
    gap = forecast(one_claim(), (2021, 2023), 60, baseline=law, drivers=Drivers(STILL))  # 没有问到的 2022 年也要扣
    for name in ("paid", "funds", "unpaid"):
        assert numpy.array_equal(gap.costs["总共"][name], found.costs["总共"][name][:, [0, 2]])


@pytest.mark.parametrize(
    "more", [(), ("jining_2020.special_fund_rationing=first_come",), ("jining_2020.special_fund_relation=additional",)]
)
def test_a_one_off_fund_equals_simulations_of_the_years_with_what_is_left_stated(more):
    """What is left is stated to ordinary simulations of the next year as a smaller total; in the draws the law takes off itself
    what was paid the year before."""
    total, years, draws = 12_000_000.0, (2021, 2022, 2023, 2024), range(4)
    law = LawSpec("总共", readings=(*OPEN, ONE_OFF, *more), changes=(f"{AMOUNT}={total:.0f}@2021-01-01",))
    found = forecast(messy(), years, len(draws), baseline=law, seed=5)
    plain = LawSpec("总共", readings=law.readings).build()
    base = BaseYear(messy(), plain, Drivers(), 5)
    counted = ["jining_2020_special_fund__paid"]
    if "jining_2020.special_fund_relation=additional" not in more:
        counted.append("jining_2020_special_fund__upgrading_paid")
    short = 0
    for draw in draws:
        left = total
        for place, year in enumerate(years):
            system = LawSpec("余额", readings=law.readings, changes=((AMOUNT, round(left, 2), "2021-01-01"),)).build()
            alone = as_population(base, base.worlds(year, [draw]))
            result, simulation = budget(alone, system), alone.simulation(system)
            ledger = result.by("instrument")["paid"]
            paid = [to_fen_signed(ledger.get(one.label, 0.0)).item() for one in instruments(system)]
            assert found.costs["总共"]["paid"][draw, place].tolist() == paid
            have = simulation.calculate("jining_2020_special_fund__available", str(year)).max()
            assert found.costs["总共"]["funds"][draw, place, 1, 0] == round(have * 100)
            weight = simulation.persons.enterprise("weight", str(year))
            spent = sum(to_fen_signed(weight * simulation.calculate(name, str(year))).sum() for name in counted)
            left = max(left - spent / 100, 0.0)
            short += left < 1_000_000 < total
    assert short >= 4


def test_a_year_between_is_computed_for_the_law_that_needs_it():
    law = LawSpec("总共", readings=(ONE_OFF,), changes=(f"{AMOUNT}=10000000@2021-01-01",))
    still = Drivers(STILL)
    both = forecast(one_claim(), (2021, 2023), 20, reforms=[law], drivers=still)
    current = forecast(one_claim(), (2021, 2023), 20, drivers=still).costs["现行政策"]
    every = forecast(one_claim(), (2021, 2022, 2023), 20, baseline=law, drivers=still).costs["总共"]
    for name in ("claimed", "paid", "funds"):
        assert (both.costs["现行政策"][name] == current[name]).all()
        assert (both.costs["总共"][name] == every[name][:, [0, 2]]).all()
    left = every["funds"][:, :, 1, 0]
    assert (left[:, 2] < left[:, 1]).any()  # 2022 年用去的，2023 年没有了


def test_a_fund_that_is_always_used_up_has_nothing_to_carry_over():
    # 2022 年起只有专项资金；三十家各申请 300 万元，资金 300 万元，每次抽样都用完
    each = pandas.DataFrame({"project_id": range(30), "enterprise_id": range(30), "special_fund_claim": 3e6})
    population = Population(2021, each, pandas.DataFrame({"enterprise_id": range(30), "county": "rencheng"}))
    law = LawSpec("现行", changes=(f"{AMOUNT}=3000000@2021-01-01",))
    found = forecast(population, (2022, 2023), 10, baseline=law, drivers=Drivers(STILL), carry_over=True)
    money = found.costs["现行"]["funds"]
    assert (money[:, :, 0] == 0).all()
    assert (money[:, :, 1, 0] == 300_000_000).all() and (money[:, :, 1, 2] == 300_000_000).all()


def test_remarks_on_earlier_years():
    years = {"years": (2022, 2023), "draws": 2}
    remarks = forecast(one_claim(), **years, baseline=LawSpec("总共", readings=(ONE_OFF,))).record["remarks"]
    assert (
        len(remarks) == 1
        and f"{SPECIAL_FUND}各年合用一个总额" in remarks[0]
        and "2022 年以前已付的不知道" in remarks[0]
    )
    assert forecast(one_claim(), (2021, 2022), 2, baseline=LawSpec("总共", readings=(ONE_OFF,))).record["remarks"] == []
    life = "jining_2017.cap_scope=per_enterprise_policy_life"
    remarks = forecast(example(), (2021,), 2, baseline=LawSpec("跨年", readings=(life,))).record["remarks"]
    assert len(remarks) == 1 and "以前年度按没有所得计算" in remarks[0]
    assert forecast(one_claim(), (2021, 2022), 2).record["remarks"] == []


def test_the_month_in_which_a_fund_runs_out():
    months = numpy.zeros((4, 12), dtype=numpy.int64)
    months[0, [1, 4]] = 60, 50  # 到 5 月 110 > 100
    months[1, [1, 4]] = 60, 40  # 恰为 100，没有用完
    months[2, 11] = 101
    assert first_month(months, numpy.array([100, 100, 100, 0])).tolist() == [5, 13, 12, 13]


def test_chance_month_and_shortfall_by_hand():
    # 四次抽样，资金 100 元；申请 110（5 月过 100）、100、130（2 月就 130）、80 元
    funds = numpy.zeros((4, 1, 2, 3), dtype=numpy.int64)
    funds[:, 0, 1] = [[10000, 11000, 10000], [10000, 10000, 10000], [10000, 13000, 10000], [10000, 8000, 8000]]
    months = numpy.zeros((4, 1, 2, 12), dtype=numpy.int64)
    months[0, 0, 1, [1, 4]] = 6000, 5000
    months[1, 0, 1, 0] = 10000
    months[2, 0, 1, 1] = 13000
    months[3, 0, 1, 6] = 8000
    unpaid = numpy.zeros((4, 1, 2, COUNTIES), dtype=numpy.int64)
    unpaid[0, 0, 1, 3], unpaid[2, 0, 1, 5] = 1000, 3000
    after = funds.copy()
    after[0, 0, 1] = [10000, 9000, 9000]
    found = made(
        {
            "现行": {"funds": funds, "months": months, "unpaid": unpaid},
            "改革": {"funds": after, "months": months, "unpaid": unpaid},
        },
        (2021,),
    )
    row = found.exhaustion().iloc[0]
    assert (row["fund"], row["available"], row["claimed"], row["paid"]) == (SPECIAL_FUND, 100.0, 105.0, 95.0)
    assert row["chance"] == 0.5 and row["chance_se"] == 0.25  # (0.5 x 0.5 / 4) 的平方根
    assert row["shortfall"] == 10.0 and row["shortfall_if_out"] == 20.0  # (10 + 30) / 4，(10 + 30) / 2
    assert row["shortfall_se"] == pytest.approx(numpy.std([10, 0, 30, 0], ddof=1) / 2)
    assert (row["month"], row["month_early"], row["month_late"]) == (2, 2, 5)  # 用完的是 2 月和 5 月
    assert found.months("现行", SPECIAL_FUND, 2021).tolist() == [0, 0.25, 0.25, 0.25, *[0.5] * 8]
    by_month = found.exhaustion_by_month().query("law == '现行'")
    assert by_month["chance"].tolist() == found.months("现行", SPECIAL_FUND, 2021).tolist()
    assert found.ever_out("现行", SPECIAL_FUND) == 0.5
    names = [member.value for member in County]
    assert found.left_unpaid("现行")[["county", "shortfall"]].to_numpy().tolist() == [[names[5], 7.5], [names[3], 2.5]]
    risk = found.risk().query("fund == @SPECIAL_FUND").iloc[0]
    assert (risk["before"], risk["after"], risk["change"]) == (0.5, 0.25, -0.25)
    assert risk["change_se"] == 0.25  # 差为 -1、0、0、0：标准差 0.5，除以 2
    need = found.fund_need().query("law == '现行'").iloc[0]
    assert need["enough"] == 0.5
    assert need["q80"] == pytest.approx(numpy.quantile([110, 100, 130, 80], 0.8))


def test_a_fund_in_parts_runs_out_although_the_whole_would_suffice():
    # 每个开发区一份 20 元：一区申请 30，另一区 5，合计 35 < 40，仍少付 10
    funds = numpy.zeros((2, 1, 2, 3), dtype=numpy.int64)
    funds[:, 0, 0] = [[4000, 3500, 2500], [4000, 3500, 3500]]
    row = made({"现行": {"funds": funds}}, (2021,)).exhaustion().iloc[0]
    assert (row["chance"], row["month"]) == (0.5, 12)


# ----- figures -----


def test_cash_is_paid_a_year_later_in_part():
    paid = numpy.zeros((2, 3, len(INSTRUMENTS)), dtype=numpy.int64)
    paid[:, :, 0] = [[10001, 20000, 0], [5, 0, 7]]
    found = made({"现行": {"paid": paid}}, (2021, 2022, 2023), lag_next_year=0.3)
    # 100.01 元：次年付 30.00（舍到分），当年 70.01；200 元：次年 60，当年 140 + 30；0 + 60
    # 0.05 元：次年 0.01，当年 0.04；0.07 元：次年 0.02（在 2024 年，不含），当年 0.05
    assert found.cash("现行").tolist() == [[70.01, 170.0, 60.0], [0.04, 0.01, 0.05]]
    row = found.cash_flow().iloc[0]
    assert (row["year"], row["mean"]) == (2021, pytest.approx((70.01 + 0.04) / 2))


def test_means_quantiles_and_standard_errors_against_numpy():
    values = numpy.random.default_rng(3).lognormal(0, 1, 400)
    paid = numpy.zeros((400, 2, len(INSTRUMENTS)), dtype=numpy.int64)
    paid[:, 0, 1], paid[:, 1, 10] = numpy.rint(values * 1e6), 100
    found = made({"现行": {"paid": paid, "claimed": 2 * paid}}, (2021, 2022))
    yuan = paid[:, 0, 1] / 100
    row = found.summary().iloc[0]
    assert row["mean"] == yuan.mean()
    assert row["se"] == pytest.approx(yuan.std(ddof=1) / 20)
    assert [row[f"q{level}"] for level in (10, 25, 50, 75, 90)] == pytest.approx(
        numpy.quantile(yuan, (0.1, 0.25, 0.5, 0.75, 0.9)).tolist()
    )
    again = numpy.random.default_rng(9)
    for level in (0.1, 0.5, 0.9):
        resampled = numpy.quantile(yuan[again.integers(0, 400, (2000, 400))], level, axis=1).std(ddof=1)
        assert row[f"q{100 * level:g}_se"] == pytest.approx(resampled, rel=0.15)
    second = found.summary().iloc[1]
    assert (second["mean"], second["se"], second["q10"], second["q10_se"]) == (1.0, 0.0, 1.0, 0.0)
    assert found.over_years().iloc[0]["mean"] == pytest.approx((yuan + 1).mean())
    by_payer = found.summary("paid", "payer")
    assert by_payer["of"].unique().tolist() == ["济宁市级财政", "枣庄市级财政"]
    asked = found.appropriation().query("payer == '合计' and year == 2021").iloc[0]
    assert [asked["q80"], asked["q95"]] == pytest.approx((2 * numpy.quantile(yuan, (0.8, 0.95))).tolist())
    steps = found.convergence()
    assert steps["draws"].tolist() == [10, 20, 50, 100, 200, 400]
    assert steps["mean"].iloc[1] == pytest.approx((yuan + 1)[:20].mean())
    assert steps["se"].iloc[1] == pytest.approx((yuan + 1)[:20].std(ddof=1) / 20**0.5)
    # 均值的 1% = s / 根号 n，n = (100 s / m) 的平方
    whole = yuan + 1
    assert found.draws_needed() == int(numpy.ceil((100 * whole.std(ddof=1) / whole.mean()) ** 2))


def test_differences_are_taken_draw_by_draw():
    before = numpy.zeros((3, 1, len(INSTRUMENTS)), dtype=numpy.int64)
    after = before.copy()
    before[:, 0, 0], after[:, 0, 0] = [1000, 5000, 9000], [1100, 5200, 9300]
    row = made({"现行": {"paid": before}, "改革": {"paid": after}}, (2021,)).difference().iloc[0]
    assert (row["mean"], row["q50"]) == (2.0, 2.0)  # 1、2、3 元
    assert row["se"] == pytest.approx(1 / 3**0.5)


# ----- what is refused -----


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--years", "2019-2022"], "预测年度应在申报年度 2021 至 2036 之间"),
        (["--years", "2026-2021"], "首年晚于末年"),
        (["--years", "2023,2021"], "从早到晚"),
        (["--years", "明年"], "写法不对"),
        (["--draws", "1"], "抽样次数至少为 2"),
        (["--driver", "approve=0.9"], "没有名为「approve」的驱动因素"),
        (["--driver", "approval_rate=120%"], "应在 0 至 1 之间"),
        (["--driver", "count_growth_jining=200%"], "超过 50 倍"),
        (["--forecast-seed", "-1"], "不能为负数"),
        (["--reform", "no_such_reform"], "没有名为 no_such_reform"),
        (["--reform", "jining_rate_up", "--reform", "jining_rate_up"], "名称不能相同"),
        (["--set", "jining_2017.equipment.rate=4@2022-01-01"], "超过 100%"),
        (["--reading", "jining_2017.life=never"], "没有「never」"),
    ],
)  # fmt: skip
def test_bad_input_is_refused_in_chinese(capsys, arguments, words):
    assert main(["forecast", "--draws", "2", *arguments]) == 1
    shown = capsys.readouterr()
    assert words in shown.err
    assert "Traceback" not in shown.err and not shown.out


def test_misuse_exits_with_2(capsys):
    assert main(["forecast", "--workers", "0"]) == 2
    assert "用法不对" in capsys.readouterr().err


# ----- the command -----


def test_the_command_on_the_bundled_table(capsys, tmp_path):
    arguments = ["forecast", "--years", "2021-2024", "--draws", "12", "--reform", "yanzhou_to_2026"]
    arguments += ["--set", "jining_2020.special_fund.amount=1000万元@2021-01-01", "--out", str(tmp_path)]
    with warnings.catch_warnings():
        warnings.simplefilter("error")  # 缺字形、坐标轴警告都算错
        assert main([*arguments, "--driver", "lag_next_year=30%"]) == 0
    text = capsys.readouterr().out
    first = text.splitlines()[0]
    assert first.startswith("现行政策，2021 至 2024 年预计共支出") and "八成的可能在" in first
    for words in (
        "改革1「兖州区意见有效期延长到 2026-08-14」",
        "改革2「济宁 2020 ",
        "现行政策下 2024 年支出为 0",
        "兖州 2020 只到 2023-08-14",
        "假设 *",
        "约需",
        "当年实际付出",
        "用完的可能",
    ):
        assert words in text
    text.encode("gbk")
    names = {path.name for path in tmp_path.iterdir()}
    assert {"预测.xlsx", "预测.json", "各年支出.png", "应安排多少.png", "改革与现行.png"} <= names
    assert f"用完的可能_{SPECIAL_FUND.replace(' ', '')}.png" in names
    sheets = pandas.read_excel(tmp_path / "预测.xlsx", sheet_name=None, header=3, engine="openpyxl")
    assert {"结论", "各年支出", "资金", "应安排多少", "差额", "风险", "收敛", "驱动因素", "执行期"} <= set(sheets)
    saved = json.loads((tmp_path / "预测.json").read_text(encoding="utf-8"))
    mean = saved["total"][0]["mean"]
    assert sheets["各年支出"]["均值"].iloc[0] == pytest.approx(mean / 10_000, abs=1e-6)
    json.dumps(saved, allow_nan=False)
    assert saved["record"]["draws"] == 12 and len(saved["record"]["reform_laws"]) == 2
    moved = [change["parameter"] for change in saved["record"]["reform_laws"][1]["changes"]]
    assert moved == ["jining_2020.special_fund.amount"]


def test_json_on_the_screen_is_json(capsys):
    assert main(["forecast", "--years", "2021", "--draws", "3", "--json", "--reading", "common.rounding=truncate"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["record"]["years"] == [2021]
    assert found["record"]["readings"]["common.readings.rounding"] == "truncate"
    assert len(found["drivers"]) == 21


def test_documents_and_their_days():
    found = forecast(one_claim(), (2021, 2022, 2023), 2, reforms=[LawSpec("延长", ("yanzhou_to_2026",))])
    days = found.documents.set_index(["law", "document", "year"])[["first", "last"]]
    assert days.loc[("现行政策", "yanzhou_2020", 2023)].tolist() == ["2023-01-01", "2023-08-14"]
    assert days.loc[("现行政策", "jining_2017", 2022)].isna().all()
    assert days.loc[("延长", "yanzhou_2020", 2023)].tolist() == ["2023-01-01", "2023-12-31"]


def test_claims_without_a_date_count_in_the_last_open_month():
    found = forecast(one_claim(application_date=None), (2021, 2022), 20)
    asked = found.costs["现行政策"]["months"].sum(axis=(0, 1, 2))
    assert asked[11] > 0 and not asked[:11].any()


def test_a_forecast_of_nothing_says_so_and_has_no_budget_to_ask_for():
    found = made({"现行": {"paid": numpy.zeros((2, 1, len(INSTRUMENTS)), dtype=numpy.int64)}}, (2021,))
    first, second = answer(found).splitlines()
    assert "预计共支出 0 万元" in first and second == "各项资金都没有申请。"
    assert appropriation_text(found).splitlines()[2:] == []


@pytest.mark.parametrize(
    ("draws", "out", "words"),
    [
        (2, 2, "为 100.0%，用完的一半不晚于 2 月"),
        (3, 3, "为 100.0%，用完的一半不晚于 2 月"),
        (3, 0, "为 0.0%。"),
        (4, 1, "为 25.0%，用完的一半不晚于 2 月"),
        (10, 10, "超过 70.0%，用完的一半不晚于 2 月"),  # 十次都如此：有 95% 的把握说 1 - 3/10
        (10, 0, "不到 30.0%。"),
    ],
)
def test_the_sentence_on_a_fund_reads_well_with_few_draws(draws, out, words):
    funds = numpy.zeros((draws, 1, 2, 3), dtype=numpy.int64)
    funds[:, 0, 1] = 10000, 9000, 9000
    funds[:out, 0, 1] = 10000, 11000, 10000
    months = numpy.zeros((draws, 1, 2, 12), dtype=numpy.int64)
    months[:, 0, 1, 1] = funds[:, 0, 1, 1]
    found = made({"现行": {"funds": funds, "months": months}}, (2021,))
    assert f"\n{SPECIAL_FUND} 2021 年用完的可能{words}" in answer(found)


def test_a_reform_that_changes_no_draw_says_so():
    paid = numpy.full((2, 1, len(INSTRUMENTS)), 100, dtype=numpy.int64)
    funds = numpy.zeros((2, 1, 2, 3), dtype=numpy.int64)
    funds[:, 0, 1] = 10000, 11000, 10000
    same_money = {"paid": paid, "claimed": paid, "funds": funds}
    found = made({"现行": same_money, "改革": same_money}, (2021,))
    assert answer(found).endswith("改革1「改革」：每次抽样的支出都与现行相同；资金用完的可能不变。")
    assert difference_lines(found)[2:] == ["", "资金用完的可能都不变。"]
    less = {"paid": paid - 1, "claimed": paid - 1, "funds": 0 * funds}
    found = made({"现行": {**same_money, "funds": 0 * funds}, "改革": less}, (2021,))
    assert found.risk().empty and len(difference_lines(found)) == 2


def test_remarks_on_earlier_years_go_to_standard_error(capsys):
    assert main(["forecast", "--years", "2022", "--draws", "2", "--workers", "1", "--reading", ONE_OFF]) == 0
    said = capsys.readouterr().err
    assert said.startswith("【提醒】「现行政策」按所选读法，") and f"{SPECIAL_FUND}各年合用一个总额" in said
