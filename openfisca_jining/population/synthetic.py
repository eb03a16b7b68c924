"""A made-up population of Jining and Zaozhuang, seeded, calibrated to what has been published.

Nobody publishes a list of enterprises, investments and grants, so the enterprises here are invented. Every published
figure that the generator aims at stands in ``published_figures.csv`` (source, year, confidence) or is a target of a
document in ``parameters/*/targets.yaml``; everything else is an assumption and stands, with its reason, in
``synthetic_assumptions.csv`` (see :func:`assumptions`). ``calibration`` in the module of that name sets the result
beside the published figures and shows what is missed.

How it is made:

* A register (``frame``) of all industrial enterprises above designated size, cluster by cluster. Counts and revenue of
  the six clusters follow 济发〔2020〕16号 二 (2023 and 2025; for other years see :func:`path`); Zaozhuang's counts are
  press figures (medium). Revenue is lognormal with a Pareto tail of exponent 1.25, truncated at the
  above-designated-size line (Heinrich and Dai 2016, SCED 37:90-106: density exponents 2.0 to 2.5, so tail exponents 1.0
  to 1.5, Chinese provinces 1998-2008; high) and solved so that each cluster's revenue is met. Yield-per-mu classes have
  the shares of 济宁高新区 in 2023 (济高新管发〔2024〕4号, high).
* Projects of the year pick enterprises of the register; the chance grows with revenue, so that some enterprises have
  several. Their number comes from Zaozhuang's 348 projects of 10 million yuan or more in 2022 (ndrc.gov.cn, high);
  their size is heavy-tailed and solved so that Jining's upgrading investment is 80 billion yuan a year (realised,
  2016-2020, government work report, medium) or 120 billion (the target of the 2017 document).
* Only enterprises with a project enter ``enterprises``; all of them are in ``frame``.

Reproducible: every part (a column, a cluster) draws from its own stream, ``SeedSequence([seed, crc32(name)])``, and
only plain uniform draws are used; a new column does not reshuffle the others. Amounts are cut to whole 万元 before the
random fen are added, so that the last bit of a platform's ``exp`` does not show.
"""

from __future__ import annotations

import csv
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cache
from itertools import pairwise
from math import erfc, log, sqrt
from pathlib import Path
from typing import Any

import numpy
import pandas
from numpy.typing import NDArray
from openfisca_core.parameters import load_parameter_file

from openfisca_jining import PARAMETERS
from openfisca_jining.classifications import JINING, ZAOZHUANG, CatalogueCategory, County, ProjectType, YieldPerMu
from openfisca_jining.errors import BadFact
from openfisca_jining.law import find
from openfisca_jining.population.population import Population

FOLDER = Path(__file__).parent
PACES = {"realised": "已实现的水平（年均 800 亿元）", "target": "目标水平（年均 1200 亿元）"}
#: The six clusters of 济发〔2020〕16号 二, by the name of their node in ``parameters/jining_2020/targets.yaml``.
CLUSTERS = {
    "high_end_equipment": "高端装备",
    "high_end_chemicals": "高端化工",
    "information_technology": "新一代信息技术",
    "new_energy": "新能源",
    "new_materials": "新材料",
    "medicine": "医药",
}
#: Cells of the register: the clusters, the rest of Jining's manufacturing, Zaozhuang.
CELLS = (*CLUSTERS, "jining_other", "zaozhuang")
CELL_LABELS = {**CLUSTERS, "jining_other": "济宁其他制造业", "zaozhuang": "枣庄"}
CELL_CODES = ("JN1", "JN2", "JN3", "JN4", "JN5", "JN6", "JN0", "ZZ0")
FIRST_YEAR, LAST_YEAR = 2017, 2030
#: Functional zones: every enterprise is in a development zone there.
ZONES: tuple[Any, ...] = (
    County.jining_gaoxin,
    County.taibaihu,
    County.jining_jingkai,
    County.qufu_wenhua,
    County.zaozhuang_gaoxin,
)
GRADES: tuple[Any, ...] = (YieldPerMu.A, YieldPerMu.B, YieldPerMu.C, YieldPerMu.D)
WAN = 10_000
FEN_IN_WAN = 1_000_000
CONSORTIUM_SIZES = (3, 4, 5)
#: Planned total from which the published figures call a project large (10亿元以上), yuan.
LARGE = 1_000_000_000
#: Up to so many rows, a distribution is solved on the rows themselves, beyond it on as many quantiles.
SOLVED_ON = 20_000
GOLDEN = numpy.uint64(11400714819323198485)

Floats = NDArray[numpy.float64]
Integers = NDArray[numpy.int64]


@dataclass(frozen=True)
class SyntheticPopulation(Population):
    """A made-up population, and what it was made from.

    :ivar seed: seed. :ivar pace: ``realised`` or ``target``.
    :ivar scale: projects asked for over the calibrated number; divide any total by it before comparing it with a
        published figure.
    :ivar frame: register of all enterprises above designated size, with or without a project: ``enterprise_id``,
        ``city``, ``cluster`` (Chinese), ``county`` (member name), ``revenue`` (yuan), ``employees``,
        ``yield_per_mu_class``, ``tier_listed``, ``protected_hundred``, ``development_zone``.
    :ivar background: one row per project, in the order of ``projects``, of what the law does not ask for: ``cluster``,
        ``planned_total`` and ``investment_of_year`` (yuan).
    """

    seed: int = 0
    pace: str = "realised"
    scale: float = 1.0
    frame: pandas.DataFrame = field(default_factory=pandas.DataFrame)
    background: pandas.DataFrame = field(default_factory=pandas.DataFrame)


def synthesise(year: int, seed: int = 1, *, pace: str = "realised", projects: int | None = None) -> SyntheticPopulation:
    """Make up the claims of one year in Jining and Zaozhuang.

    :param year: claim year, 2017 to 2030. :param seed: not negative; same seed, same population.
    :param pace: upgrading investment a year in Jining: ``realised`` (800 亿元) or ``target`` (1,200 亿元). The
        number of projects is the same under both, their size is not.
    :param projects: exact number of projects; enterprises and all totals grow in proportion. Default: the calibrated
        number.
    :returns: a population marked ``synthetic``.
    :raises BadFact: an argument out of range.
    """
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise BadFact(["year"], f"合成样本的年度应在 {FIRST_YEAR} 至 {LAST_YEAR} 之间，收到 {year}。")
    if pace not in PACES:
        raise BadFact(["pace"], f"pace 应为 {'、'.join(PACES)} 之一，收到「{pace}」。")
    if seed < 0 or (projects is not None and projects < 1):
        raise BadFact(["seed" if seed < 0 else "projects"], "种子不能为负数，项目数应为正整数。")
    numbers = project_numbers(year)
    scale = 1.0 if projects is None else projects / sum(numbers)
    if projects is not None:
        first = round(projects * numbers[0] / sum(numbers))
        numbers = (first, projects - first)
    draw = Draw(seed)
    register = make_register(year, draw, scale)
    rows = make_projects(year, pace, numbers, scale, register, draw)
    return as_population(year, seed, pace, scale, register, rows)


# ----- the numbers -----


@cache
def published() -> dict[str, float]:
    """Published figures by code, from ``published_figures.csv``."""
    return {row["代号"]: float(row["数值"]) for row in _table("published_figures.csv")}


@cache
def _assumed() -> dict[str, float]:
    return {row["代号"]: float(row["数值"]) for row in _table("synthetic_assumptions.csv")}


def assumed(code: str) -> float:
    """Value of one assumption, by its code in ``synthetic_assumptions.csv``."""
    return _assumed()[code]


def assumptions() -> pandas.DataFrame:
    """All assumptions that no publication supports, with their reasons (columns 代号, 假设, 数值, 单位, 理由)."""
    table = pandas.DataFrame(_table("synthetic_assumptions.csv"))
    table["数值"] = table["数值"].astype(float)
    return table


def _table(name: str) -> list[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


@cache
def points(document: str, stem: str, name: str) -> tuple[tuple[str, float], ...]:
    """Dated values of a parameter, oldest first: ``points("jining_2020", "targets", "medicine.revenue")``."""
    values = find(load_parameter_file(str(PARAMETERS / document / f"{stem}.yaml"), stem), name).values_list
    return tuple(sorted((at.instant_str, at.value) for at in values))


def latest(document: str, stem: str, name: str, year: int = LAST_YEAR) -> float:
    """Value of a parameter at the end of a year; its first one if it starts later."""
    known = points(document, stem, name)
    return next((value for day, value in reversed(known) if int(day[:4]) <= year), known[0][1])


def path(known: list[tuple[int, float]], year: int, most_growth_back: float = 0.0) -> float:
    """A figure in a year without one: constant growth between the years known; the last one held after them.

    :param known: (year, value), oldest first.
    :param most_growth_back: before the first year known the growth of the first interval is continued backwards, but
        at most at this rate a year (0: the first value held).
    """
    years = [at for at, _ in known]
    if year >= years[-1]:
        return known[-1][1]
    (start, low), (end, high) = known[0], known[1]
    if year < start:
        growth = min((high / low) ** (1 / (end - start)) - 1, most_growth_back)
        return low / (1 + growth) ** (start - year)
    for (start, low), (end, high) in pairwise(known):
        if start <= year <= end:
            return low * (high / low) ** ((year - start) / (end - start))
    raise AssertionError(year)


def cell_firms(cell: str, year: int) -> int:
    """Enterprises above designated size in a cell of the register (targets, 60 % assumption, press figures)."""
    if cell == "zaozhuang":
        known = [(at, published()[f"zaozhuang_firms_{at}"]) for at in (2020, 2021, 2023, 2026)]
        return round(path(known, year))
    if cell == "jining_other":
        share = assumed("cluster_share")
        return round(sum(cell_firms(name, year) for name in CLUSTERS) * (1 - share) / share)
    return round(_cluster_path(cell, "enterprises", year))


def cell_revenue(cell: str, year: int) -> float:
    """Revenue of a cell of the register (yuan): targets; clusters 60 % of manufacturing; Zaozhuang by its mean."""
    if cell == "zaozhuang":
        mean = cell_revenue("jining_other", year) / cell_firms("jining_other", year)
        return cell_firms(cell, year) * mean * assumed("zaozhuang_mean_ratio")
    if cell == "jining_other":
        share = latest("jining_2020", "targets", "overall.manufacturing_share")
        return sum(cell_revenue(name, year) for name in CLUSTERS) * (1 - share) / share
    return _cluster_path(cell, "revenue", year)


def _cluster_path(cluster: str, name: str, year: int) -> float:
    known = [(int(day[:4]), value) for day, value in points("jining_2020", "targets", f"{cluster}.{name}")]
    return path(known, year, assumed("most_growth_back"))


def jining_firms(year: int) -> int:
    """Enterprises above designated size in Jining's register."""
    return sum(cell_firms(cell, year) for cell in CELLS[:-1])


def project_numbers(year: int) -> tuple[int, int]:
    """Projects of a year in Jining and in Zaozhuang.

    Per enterprise of the register as many as in Zaozhuang in 2022 (348 of 10 million or more), and smaller ones.
    """
    rate = published()["zaozhuang_projects"] / cell_firms("zaozhuang", 2022) / (1 - assumed("small_projects"))
    return round(rate * jining_firms(year) * assumed("same_project_rate")), round(rate * cell_firms("zaozhuang", year))


def upgrading_investment(pace: str) -> float:
    """Upgrading investment a year in Jining (yuan): 4,000 亿元 in five years realised, or 6,000 亿元 as the target."""
    if pace == "realised":
        return published()["upgrading_thirteenth_plan"] / 5
    name = "renovation.cumulative_investment"
    return latest("jining_2017", "targets", name) / latest("jining_2017", "targets", "renovation.years")


# ----- draws and distributions -----


class Draw:
    """Uniform draws, one stream for each named part."""

    def __init__(self, seed: int) -> None:
        self.seed = seed

    def __call__(self, part: str, count: int) -> Floats:
        """``count`` uniform numbers in [0, 1) of a part; more numbers continue the same row."""
        sequence = numpy.random.SeedSequence([self.seed, zlib.crc32(part.encode())])
        return numpy.random.Generator(numpy.random.PCG64(sequence)).random(count)

    def strata(self, part: str, count: int) -> Floats:
        """One number from the middle of each of ``count`` equal intervals of [0, 1), in random order."""
        return in_strata(self(part, count))

    def spread(self, part: str, count: int) -> Floats:
        """Numbers that cover [0, 1) evenly whatever the count, starting at a random place; more continue the row."""
        start = numpy.uint64(self(part, 1)[0] * 2.0**53) << numpy.uint64(11)
        steps = numpy.arange(count, dtype=numpy.uint64) * GOLDEN + start
        return numpy.asarray((steps >> numpy.uint64(11)) * 2.0**-53, dtype=numpy.float64)


def rank_of(values: NDArray) -> Integers:
    """Place of each value in ascending order, ties in listed order."""
    rank = numpy.empty(len(values), dtype=numpy.int64)
    rank[numpy.argsort(values, kind="stable")] = numpy.arange(len(values))
    return rank


def in_strata(values: Floats) -> Floats:
    """Uniform draws moved into the middle half of the stratum of their rank."""
    jitter = numpy.mod(values * 2.0**26, 1.0)
    return (rank_of(values) + 0.25 + 0.5 * jitter) / max(len(values), 1)


NORMAL_AT = numpy.arange(-8000, 8001) / 1000
NORMAL = numpy.array([0.5 * erfc(-z / sqrt(2)) for z in NORMAL_AT])


def normal(quantile: Floats) -> Floats:
    """Standard normal deviate of a quantile (table)."""
    return numpy.interp(quantile, NORMAL, NORMAL_AT)


@dataclass(frozen=True)
class HeavyTail:
    """Lognormal body above a floor, Pareto tail below a ceiling; continuous.

    :ivar floor, ceiling: yuan. :ivar sigma: of the logarithm in the body. :ivar share: of the rows in the tail.
    :ivar exponent: of the tail.
    """

    floor: float
    ceiling: float
    sigma: float
    share: float
    exponent: float

    def __call__(self, quantile: Floats, place: float) -> Floats:
        """Values at quantiles. :param place: mean of the logarithm of the body before truncation."""
        above_floor = float(numpy.interp((place - log(self.floor)) / self.sigma, NORMAL_AT, NORMAL))

        def body(at: Floats) -> Floats:
            value = numpy.exp(place - self.sigma * normal((1 - at) * above_floor))
            return numpy.clip(value, self.floor, self.ceiling)

        start = 1 - self.share
        joint = float(body(numpy.array([start]))[0])
        into = numpy.clip((quantile - start) / self.share, 0.0, 1.0)
        power = self.exponent
        tail = joint * (1 - into * (1 - (joint / self.ceiling) ** power)) ** (-1 / power)
        return numpy.where(quantile <= start, body(numpy.minimum(quantile, start)), tail)

    def solve(self, target: float, measure: Callable[[float], float]) -> float:
        """The place at which an increasing measure of it meets a target (to nine decimals)."""
        low, high = log(self.floor) - 5 * self.sigma, log(self.ceiling) + 3 * self.sigma
        for _ in range(60):
            middle = (low + high) / 2
            low, high = (middle, high) if measure(middle) < target else (low, middle)
        return round((low + high) / 2, 9)


def number_of(member: Any) -> int:
    """Index of a member of a closed list (the type checker takes members for texts)."""
    return int(member.index)


def middles(count: int) -> Floats:
    """Middles of ``count`` equal intervals of [0, 1)."""
    return (numpy.arange(count) + 0.5) / count


def with_fen(wan: Integers, draw: Floats) -> Integers:
    """Whole 万元 with random fen below them, in fen."""
    return wan * FEN_IN_WAN + numpy.floor(draw * FEN_IN_WAN).astype(numpy.int64)


def cut(amount: Floats) -> Integers:
    """Yuan cut to whole 万元."""
    return numpy.floor(amount / WAN).astype(numpy.int64)


def between(draw: Floats, name: str) -> Floats:
    """Uniform between the assumptions ``<name>_least`` and ``<name>_most``."""
    low, high = assumed(f"{name}_least"), assumed(f"{name}_most")
    return low + (high - low) * draw


# ----- the register of enterprises -----


@dataclass(frozen=True)
class Register:
    """All enterprises above designated size, as arrays: revenue in fen, county and class as Enum indices."""

    cell: Integers
    number: Integers
    county: Integers
    revenue: Integers
    employees: Integers
    grade: Integers
    tier: NDArray[numpy.bool_]
    protected: NDArray[numpy.bool_]
    zone: Integers

    @property
    def zaozhuang(self) -> NDArray[numpy.bool_]:
        """Enterprises of Zaozhuang."""
        return self.cell == len(CELLS) - 1


def make_register(year: int, draw: Draw, scale: float) -> Register:
    """The register of a year. Enterprises keep their number, county and rank draws from year to year."""
    parts: dict[str, list[NDArray]] = {name: [] for name in ("cell", "number", "county", "revenue", "size", "noise")}
    line = latest("national", "above_designated_size", "minimum_revenue", year)
    for place, cell in enumerate(CELLS):
        count = max(round(cell_firms(cell, year) * scale), 1)
        total = cell_revenue(cell, year) / cell_firms(cell, year) * count
        sizes = draw.strata(f"revenue/{cell}", count)
        fen = draw(f"revenue fen/{cell}", count)
        parts["cell"].append(numpy.full(count, place))
        parts["number"].append(numpy.arange(1, count + 1))
        parts["county"].append(_counties(cell, draw.spread(f"county/{cell}", count)))
        parts["revenue"].append(with_fen(_revenues(cell, year, line, total, sizes), fen))
        parts["size"].append(sizes)
        parts["noise"].append(draw.strata(f"employees/{cell}", count))
    cell_, number, county, revenue, size, noise = (numpy.concatenate(columns) for columns in parts.values())
    employees = _employees(revenue, noise)
    count = len(cell_)
    grade = _grades(county, size, draw("grade", count), draw("not graded", count))
    tier = _top(revenue, county == number_of(County.yanzhou), round(published()["yanzhou_tiers"] * scale))
    worth = normal(size) + normal(in_strata(draw("protected", count)))
    in_jining = cell_ < len(CELLS) - 1
    protected = _top(worth, in_jining, round(assumed("protected_count") * scale))
    in_zone = numpy.isin(county, [number_of(zone) for zone in ZONES]) | (draw("zone", count) < assumed("zone_share"))
    return Register(cell_, number, county, revenue, employees, grade, tier, protected, numpy.where(in_zone, county, 0))


def _counties(cell: str, draw: Floats) -> Integers:
    """Counties by weight. 济宁高新区 has its published 275 of Jining's 2023 register, the others share the rest."""
    members = ZAOZHUANG if cell == "zaozhuang" else JINING
    weights = {member: _assumed().get(f"county.{member.name}", 0.0) for member in members}
    if cell != "zaozhuang":
        share = published()["gaoxin_firms"] / jining_firms(2023)
        weights[County.jining_gaoxin] = sum(weights.values()) * share / (1 - share)
    edges = numpy.cumsum(list(weights.values())) / sum(weights.values())
    place = numpy.minimum(numpy.searchsorted(edges, draw, side="right"), len(members) - 1)
    return numpy.array([number_of(member) for member in members])[place]


def _revenues(cell: str, year: int, line: float, total: float, sizes: Floats) -> Integers:
    """Revenue in whole 万元, so that the cell's revenue is met."""
    ceiling = min(assumed("largest_revenue"), assumed("largest_share") * cell_revenue(cell, year))
    tail = HeavyTail(line, ceiling, assumed("revenue_sigma"), assumed("tail_share"), assumed("tail_exponent"))
    sample = sizes if len(sizes) <= SOLVED_ON else middles(SOLVED_ON)
    place = tail.solve(total / len(sizes), lambda at: float(numpy.mean(tail(sample, at))))
    return cut(tail(sizes, place))


def _employees(revenue: Integers, noise: Floats) -> Integers:
    """Employees, so that revenue per head is Shandong's (2018 census), more slowly growing than revenue."""
    per_head = published()["shandong_revenue"] / published()["shandong_workers"]
    base = numpy.exp(assumed("employees_elasticity") * numpy.log(revenue / FEN_IN_WAN))
    base = base * numpy.exp(assumed("employees_sigma") * normal(noise))
    wanted = float(revenue.sum() / 100) / per_head
    heads = numpy.floor(base * round(wanted / float(base.sum()), 9) + 0.5)
    return numpy.maximum(heads, assumed("employees_least")).astype(numpy.int64)


def _grades(county: Integers, size: Floats, draw: Floats, draw_not_graded: Floats) -> Integers:
    """Yield-per-mu classes: shares of 济宁高新区 in 2023 in every county, better ones more often for large revenue."""
    shares = numpy.array([published()[f"gaoxin_{grade.name}"] for grade in GRADES])
    not_graded = published()["gaoxin_T"] / published()["gaoxin_firms"]
    result = numpy.full(len(county), number_of(YieldPerMu.not_graded))
    rows = numpy.flatnonzero(_share_within(county, draw_not_graded) >= not_graded)
    link = assumed("class_correlation")
    score = link * normal(size[rows]) + sqrt(1 - link**2) * normal(in_strata(draw[rows]))
    place = numpy.searchsorted(numpy.cumsum(shares) / shares.sum(), _share_within(county[rows], -score), side="right")
    result[rows] = numpy.array([number_of(grade) for grade in GRADES])[numpy.minimum(place, len(GRADES) - 1)]
    return result


def _share_within(group: Integers, score: Floats) -> Floats:
    """Share of the group's rows that come before each row by score (in the middle of the row)."""
    order = numpy.lexsort((score, group))
    sizes = numpy.bincount(group)
    starts = numpy.r_[0, numpy.cumsum(sizes)[:-1]]
    share = numpy.empty(len(group))
    share[order] = (numpy.arange(len(group)) - starts[group[order]] + 0.5) / sizes[group[order]]
    return share


def _top(score: NDArray, among: NDArray[numpy.bool_], count: int) -> NDArray[numpy.bool_]:
    rows = numpy.flatnonzero(among)
    result = numpy.zeros(len(score), dtype=bool)
    result[rows[numpy.argsort(-score[rows], kind="stable")[:count]]] = True
    return result


# ----- the projects -----


@dataclass(frozen=True)
class Rows:
    """Projects as arrays: enterprise rows of the register, day of the year, and columns (amounts in fen)."""

    firm: Integers
    days: Integers
    consortium: Integers
    planned: Integers
    of_year: Integers
    columns: dict[str, NDArray]


def make_projects(year: int, pace: str, numbers: tuple[int, int], scale: float, register: Register, draw: Draw) -> Rows:
    """The projects of a year, ordered by application date."""
    firms, planned, of_year = [], [], []
    for city, count in zip(("jining", "zaozhuang"), numbers, strict=True):
        firm = _pick(register, city, count, draw(f"{year}/firm/{city}", count))
        size, in_year = _sizes(year, pace, city, firm, register, draw)
        firms.append(firm)
        planned.append(size)
        of_year.append(in_year)
    firm, size, in_year = numpy.concatenate(firms), numpy.concatenate(planned), numpy.concatenate(of_year)
    columns = _columns(year, firm, size, in_year, scale, register, draw)
    count = len(firm)
    length = 366 if year % 4 == 0 else 365
    days = numpy.floor(draw(f"{year}/date", count) * length).astype(numpy.int64)
    consortium, lead = _consortia(firm, days, scale, register, draw(f"{year}/consortium", count))
    columns["consortium_lead"] = lead
    columns.update(_loans(year, in_year, days, draw))
    order = numpy.argsort(days, kind="stable")
    sorted_columns = {name: values[order] for name, values in columns.items()}
    return Rows(firm[order], days[order], consortium[order], size[order], in_year[order], sorted_columns)


def _pick(register: Register, city: str, count: int, draw: Floats) -> Integers:
    """Enterprises of the projects; the chance grows with revenue. Whole weights, so that sums are exact."""
    rows = numpy.flatnonzero(register.zaozhuang == (city == "zaozhuang"))
    weight = numpy.floor(10 * (register.revenue[rows] / FEN_IN_WAN) ** assumed("firm_choice_power")).astype(numpy.int64)
    edges = numpy.cumsum(weight)
    return rows[numpy.searchsorted(edges, numpy.floor(draw * edges[-1]).astype(numpy.int64), side="right")]


def _planned_tail() -> HeavyTail:
    floor, ceiling = assumed("published_planned"), assumed("largest_planned")
    return HeavyTail(floor, ceiling, assumed("planned_sigma"), assumed("tail_share"), assumed("tail_exponent"))


def _planned(quantile: Floats, place: float) -> Floats:
    """Planned totals: a share between 5 and 10 million, even in the logarithm; the rest heavy-tailed above."""
    small = assumed("small_projects")
    low, high = assumed("least_planned"), assumed("published_planned")
    below = low * numpy.exp(log(high / low) * numpy.minimum(quantile / small, 1.0))
    above = _planned_tail()(numpy.clip((quantile - small) / (1 - small), 0.0, 1.0), place)
    return numpy.where(quantile < small, below, above)


def _share_of_year(planned: Floats, draw: Floats) -> Floats:
    """Share of a planned total spent in the year: most of a small one, 36.8 % of a large one (百项技改 2021)."""
    large = published()["hundred_plan_of_year"] / published()["hundred_planned"]
    edges = [assumed("small_planned"), assumed("large_planned")]
    mean = numpy.interp(planned, edges, [assumed("year_share_small"), large])
    return numpy.minimum(mean * (1 + assumed("year_share_spread") * (2 * draw - 1)), 1.0)


def _sizes(
    year: int, pace: str, city: str, firm: Integers, register: Register, draw: Draw
) -> tuple[Integers, Integers]:
    """Planned total and investment of the year of a city's projects, in whole 万元.

    Jining's are solved so that its upgrading investment is met; Zaozhuang, of which no level is published, has the
    sizes of Jining at the realised pace.
    """
    count = len(firm)
    link = assumed("planned_correlation")
    noise = draw.strata(f"{year}/planned/{city}", count)
    strength = (rank_of(register.revenue[firm]) + 0.5) / max(count, 1)
    quantile = in_strata_of(link * normal(strength) + sqrt(1 - link**2) * normal(noise), noise)
    part = draw(f"{year}/share of year/{city}", count)
    expected = project_numbers(year)[0]
    sample, sample_part = quantile, part
    if city == "zaozhuang" or count > SOLVED_ON:
        sample, sample_part = middles(SOLVED_ON), numpy.full(SOLVED_ON, 0.5)
    target = upgrading_investment(pace if city == "jining" else "realised") / expected

    def mean_investment(at: float) -> float:
        totals = _planned(sample, at)
        return float(numpy.mean(totals * _share_of_year(totals, sample_part)))

    planned = _planned(quantile, _planned_tail().solve(target, mean_investment))
    return cut(planned), cut(planned * _share_of_year(planned, part))


def in_strata_of(score: Floats, draw: Floats) -> Floats:
    """Quantiles by rank of a score, jittered by a draw."""
    return (rank_of(score) + 0.25 + 0.5 * numpy.mod(draw * 2.0**26, 1.0)) / max(len(score), 1)


def _columns(
    year: int, firm: Integers, planned: Integers, of_year: Integers, scale: float, register: Register, draw: Draw
) -> dict[str, NDArray]:
    """Facts of the projects except loans and dates; amounts in fen."""
    count = len(firm)

    def drawn(part: str) -> Floats:
        return draw(f"{year}/{part}", count)

    equipment_wan = _equipment(of_year, planned, draw.spread(f"{year}/equipment", count))
    equipment = with_fen(equipment_wan, drawn("equipment fen"))
    columns: dict[str, NDArray] = {"equipment_investment": equipment}
    left = equipment
    for name, short in (
        ("robot_investment", "robot"),
        ("special_robot_investment", "special_robot"),
        ("intelligent_system_investment", "system"),
    ):
        wan = cut(equipment_wan * between(drawn(f"{short} size"), short) * WAN)
        bought = numpy.minimum(with_fen(wan, drawn(f"{short} fen")), left)
        columns[name] = numpy.where(drawn(short) < assumed(f"{short}_share"), bought, 0)
        left = left - columns[name]
    wan = cut(of_year * between(drawn("informatisation size"), "informatisation") * WAN)
    has = drawn("informatisation") < assumed("informatisation_share")
    systems = with_fen(wan, drawn("informatisation fen"))
    systems = numpy.minimum(systems, of_year * FEN_IN_WAN - equipment)
    columns["informatisation_investment"] = numpy.where(has, systems, 0)
    columns["informatisation_systems"] = 1 + numpy.where(has, numpy.floor(drawn("systems") * 4), 0).astype(numpy.int64)
    # 当年完成的比例越高，当年投入使用的机会越大
    columns["in_use"] = drawn("in use") * planned < of_year
    columns["project_type"] = numpy.where(
        drawn("zero land") < assumed("zero_land_share"),
        number_of(ProjectType.zero_land),
        number_of(ProjectType.ordinary),
    )
    edges = numpy.cumsum([assumed(f"{name}_share") for name in ("encouraged", "permitted", "restricted")])
    place = numpy.searchsorted(edges, drawn("category"), side="right")
    columns["catalogue_category"] = place + number_of(CatalogueCategory.encouraged)
    columns["development_zone"] = register.zone[firm]
    major = _hundred(planned, of_year, ~register.zaozhuang[firm], scale)
    columns["major_project"] = major
    award = cut(numpy.minimum(equipment_wan * WAN * assumed("award_rate"), assumed("award_most"))) * FEN_IN_WAN
    columns["assessed_award"] = numpy.where(major & (register.zone[firm] > 0), award, 0)
    wanted = equipment_wan * between(drawn("other size"), "other_money") * WAN
    other = cut(numpy.minimum(wanted, assumed("other_money_cap")))
    has = drawn("other") < assumed("other_money_share")
    columns["other_fiscal_money"] = numpy.where(has, numpy.maximum(other, 1) * FEN_IN_WAN, 0)
    return columns


def _equipment(of_year: Integers, planned: Integers, draw: Floats) -> Integers:
    """Equipment in whole 万元, half of the investment in all: shares spread evenly over the projects by size."""
    shares = numpy.empty(len(of_year))
    shares[numpy.argsort(-planned, kind="stable")] = draw
    share, most = assumed("equipment_share"), assumed("equipment_share_most")
    raw = share + assumed("equipment_share_spread") * (2 * shares - 1)
    wanted = share * float(of_year.sum())
    factor = 1.0
    for _ in range(8):
        got = float(numpy.floor(of_year * numpy.minimum(raw * factor, most)).sum())
        factor = round(factor * wanted / max(got, 1.0), 9)
    return numpy.floor(of_year * numpy.minimum(raw * factor, most)).astype(numpy.int64)


def _hundred(planned: Integers, of_year: Integers, among: NDArray[numpy.bool_], scale: float) -> NDArray[numpy.bool_]:
    """The hundred projects (百项技改 2021): 13 of 1 billion or more and 87 smaller ones.

    The published ones are not the largest of the city: neighbours by investment of the year are taken whose sum comes
    nearest to the published plan of the year.
    """
    figures = published()
    result = numpy.zeros(len(planned), dtype=bool)
    large = planned * WAN >= LARGE
    number = round(figures["hundred_large"] * scale)
    steps = (
        (large, number, figures["hundred_large_plan_of_year"]),
        (~large, round(figures["hundred_projects"] * scale) - number, figures["hundred_plan_of_year"]),
    )
    for mine, wanted, plan in steps:
        rows = numpy.flatnonzero(among & mine)
        rows = rows[numpy.argsort(of_year[rows], kind="stable")]
        count = min(wanted, len(rows))
        if count:
            left = plan * scale / WAN - of_year[result].sum()
            sums = numpy.r_[0, numpy.cumsum(of_year[rows])]
            start = int(numpy.argmin(numpy.abs(sums[count:] - sums[:-count] - left)))
            result[rows[start : start + count]] = True
    return result


def _consortia(
    firm: Integers, days: Integers, scale: float, register: Register, draw: Floats
) -> tuple[Integers, NDArray[numpy.bool_]]:
    """A few consortia in Yanzhou: the largest enterprises lead, others join with one project each, on the lead's day.

    :returns: consortium number of each project (0: none) and whether it is the lead's. ``days`` is changed in place.
    """
    number = numpy.zeros(len(firm), dtype=numpy.int64)
    lead = numpy.zeros(len(firm), dtype=bool)
    _, first = numpy.unique(firm, return_index=True)
    rows = first[register.county[firm[first]] == number_of(County.yanzhou)]
    wanted = round(assumed("consortia") * scale)
    sizes = numpy.resize(numpy.array(CONSORTIUM_SIZES), wanted)
    sizes = sizes[numpy.cumsum(sizes) <= len(rows)]
    if not len(sizes):
        return number, lead
    leads = rows[numpy.argsort(-register.revenue[firm[rows]], kind="stable")[: len(sizes)]]
    others = rows[~numpy.isin(rows, leads)]
    others = others[numpy.argsort(draw[others], kind="stable")[: int((sizes - 1).sum())]]
    group = numpy.repeat(numpy.arange(len(sizes)), sizes - 1)
    number[leads], number[others] = numpy.arange(1, len(sizes) + 1), group + 1
    lead[leads] = True
    days[others] = days[leads[group]]
    return number, lead


def _loans(year: int, of_year: Integers, days: Integers, draw: Draw) -> dict[str, NDArray]:
    """Loans, days and interest (fen): one-year LPR of the application date plus a spread. Whole numbers only."""
    count = len(of_year)
    has = draw(f"{year}/loan", count) < assumed("loan_share")
    wan = cut(of_year * between(draw(f"{year}/loan size", count), "loan") * WAN)
    principal = numpy.where(has, wan, 0)
    length = numpy.floor(between(draw(f"{year}/loan days", count), "loan_days") + 0.5).astype(numpy.int64)
    length = numpy.where(principal > 0, length, 0)
    known = points("national", "lpr", "one_year")
    starts = numpy.array([day for day, _ in known], dtype="datetime64[D]")
    rates = numpy.r_[assumed("rate_before_lpr"), [value for _, value in known]] + assumed("loan_spread")
    place = numpy.searchsorted(starts, numpy.datetime64(f"{year}-01-01", "D") + days, side="right")
    millionths = numpy.floor(rates * 1_000_000 + 0.5).astype(numpy.int64)[place]
    interest = principal * millionths * length // int(assumed("days_of_year"))
    return {"loan_principal": principal * FEN_IN_WAN, "loan_days": length, "loan_interest_paid": interest}


# ----- as a population -----

AMOUNTS = (
    "equipment_investment",
    "robot_investment",
    "special_robot_investment",
    "intelligent_system_investment",
    "informatisation_investment",
    "assessed_award",
    "other_fiscal_money",
    "loan_principal",
    "loan_interest_paid",
)


def as_population(year: int, seed: int, pace: str, scale: float, register: Register, rows: Rows) -> SyntheticPopulation:
    """Tables of facts from the arrays."""
    codes, used = pandas.factorize(rows.firm)
    used = numpy.asarray(used)
    ids = _firm_ids(register, used)
    count = len(rows.firm)
    numbers = pandas.Series(numpy.arange(1, count + 1)).astype(str).str.zfill(6)
    consortium = pandas.Series(rows.consortium).astype(str).str.zfill(3)
    projects = pandas.DataFrame(
        {
            "project_id": f"P{year}-" + numbers,
            "project_name": "虚构项目" + numbers,
            "enterprise_id": ids[codes],
            "consortium_id": (f"C{year}-" + consortium).where(rows.consortium > 0, ""),
            "application_date": (numpy.datetime64(f"{year}-01-01", "D") + rows.days).astype("datetime64[s]"),
        }
    )
    for name, values in rows.columns.items():
        projects[name] = values / 100 if name in AMOUNTS else values
    projects["project_type"] = _names(ProjectType)[rows.columns["project_type"]]
    projects["catalogue_category"] = _names(CatalogueCategory)[rows.columns["catalogue_category"]]
    enterprises = _facts(register, used)
    enterprises.insert(0, "enterprise_id", ids)
    enterprises.insert(1, "enterprise_name", [f"虚构企业{name}有限公司" for name in ids])
    everyone = numpy.arange(len(register.cell))
    frame = _facts(register, everyone)
    frame.insert(0, "enterprise_id", _firm_ids(register, everyone))
    frame.insert(1, "city", numpy.array(["济宁市", "枣庄市"], dtype=object)[register.zaozhuang.astype(int)])
    frame["cluster"] = _cell_labels()[register.cell]
    frame["development_zone"] = register.zone
    background = pandas.DataFrame(
        {
            "cluster": _cell_labels()[register.cell[rows.firm]],
            "planned_total": rows.planned * float(WAN),
            "investment_of_year": rows.of_year * float(WAN),
        }
    )
    return SyntheticPopulation(
        year=year,
        projects=_plain(projects),
        enterprises=_plain(enterprises),
        source=f"合成样本（虚构）：种子 {seed}，{PACES[pace]}",
        synthetic=True,
        notes=_notes(year, seed, pace, scale),
        seed=seed,
        pace=pace,
        scale=scale,
        frame=_plain(frame),
        background=_plain(background),
    )


def _plain(table: pandas.DataFrame) -> pandas.DataFrame:
    """Texts as plain objects, as the table reader has them."""
    texts = [name for name in table if pandas.api.types.is_string_dtype(table[name].dtype)]
    return table.astype(dict.fromkeys(texts, object))


def _facts(register: Register, rows: Integers) -> pandas.DataFrame:
    return pandas.DataFrame(
        {
            "county": _names(County)[register.county[rows]],
            "employees": register.employees[rows],
            "revenue": register.revenue[rows] / 100,
            "yield_per_mu_class": _names(YieldPerMu)[register.grade[rows]],
            "tier_listed": register.tier[rows],
            "protected_hundred": register.protected[rows],
            "cluster": numpy.array([*CLUSTERS, "outside", "outside"], dtype=object)[register.cell[rows]],
        }
    )


def _firm_ids(register: Register, rows: Integers) -> NDArray:
    code = pandas.Series(numpy.array(CELL_CODES, dtype=object)[register.cell[rows]])
    return (code + "-" + pandas.Series(register.number[rows]).astype(str).str.zfill(5)).to_numpy(dtype=object)


def _names(possible) -> NDArray:
    return numpy.array([member.name for member in possible], dtype=object)


def _cell_labels() -> NDArray:
    return numpy.array([CELL_LABELS[cell] for cell in CELLS], dtype=object)


def _notes(year: int, seed: int, pace: str, scale: float) -> tuple[str, ...]:
    notes = [
        "本表由程序合成，企业和项目都是虚构的，不是任何一家真实企业的申报，不能当作实际数据引用。",
        f"申报年度 {year}，随机种子 {seed}，济宁技改投资按{PACES[pace]}；同一种子得到同一张表。",
        "只含规模以上工业企业；没有公布数的事实按假设取值，见 synthetic_assumptions.csv。",
    ]
    if abs(scale - 1) > 1e-12:
        notes.append(f"项目数为校准数的 {scale:.6g} 倍，企业数和各项合计同比例变化，不能直接与公布数比较。")
    return tuple(notes)
