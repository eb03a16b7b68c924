"""Goal seek: solutions worked out by hand, all of them, to the fen; and what has no solution."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy
import pandas
import pytest
import twelve
from copied import assert_copied

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.solve import affordable, frontier, nobody_loses, solve, span
from openfisca_jining.analysis.solve.exact import last_same
from openfisca_jining.analysis.solve.kinds import apart
from openfisca_jining.analysis.solve.line import line
from openfisca_jining.analysis.solve.questions import paid_by_enterprise, total_of
from openfisca_jining.analysis.solve.search import LoserLevel, Run, nearest, runs
from openfisca_jining.analysis.solve.span import shortest
from openfisca_jining.analysis.sweep import Axis
from openfisca_jining.cli import main
from openfisca_jining.commands.solve import grid_of, text_of
from openfisca_jining.errors import JiningError, UnknownParameter
from openfisca_jining.instruments import instruments
from openfisca_jining.money import to_fen
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed

START = "2021-01-01"
RATE, CAP = "jining_2017.equipment.rate", "jining_2017.equipment.cap_per_enterprise"
LINE, FUND = "jining_2017.equipment.minimum_investment", "jining_2020.special_fund.amount"
DISTRICT_RATE = "yanzhou_2020.equipment.rate"


def enterprises(*rows) -> Population:
    """Enterprises with one encouraged project in use each: (id, county, equipment)."""
    projects = pandas.DataFrame(
        {
            "project_id": [f"P{name}" for name, _, _ in rows],
            "enterprise_id": [name for name, _, _ in rows],
            "equipment_investment": [float(equipment) for _, _, equipment in rows],
            "catalogue_category": "encouraged",
            "in_use": True,
        }
    )
    owners = pandas.DataFrame(
        {"enterprise_id": [name for name, _, _ in rows], "county": [place for _, place, _ in rows]}
    )
    owners["yield_per_mu_class"] = "B"
    return Population(2021, projects, owners, "手算")


#: Equipment of 30, 60 and 200 million: the city pays min(30 r, C) + min(60 r, C) + min(200 r, C) million.
THREE = enterprises(("A", "rencheng", 30e6), ("B", "rencheng", 60e6), ("C", "rencheng", 200e6))


def put_back(population, system, path, value) -> int:
    """Whole fen of the budget with a value."""
    return round(budget(population, reformed(system, changes=[(path, value, START)])).total * 100)


def assert_spent(population, system, found) -> None:
    """Both ends and the value shown of every solution spend the sum to the fen."""
    path = found.course.span.path
    for row in found.solutions.to_dict("records"):
        for value in {row["low"], row["value"], row["high"]}:
            assert put_back(population, system, path, value) == round(found.target * 100)


# ----- a rate -----


def test_kinks_of_a_rate_lie_where_each_enterprise_meets_its_cap(system):
    # 3,000,000 / 200 m = 1.5 %, / 60 m = 5 %, / 30 m = 10 %; the total rises by 290 m, 90 m, 30 m, 0 for one whole of the rate
    course = solve(THREE, system, span(system, RATE, 0, 0.12, START), 4_200_000).course
    assert course.kinks["value"].tolist() == [0.015, 0.05, 0.1]
    assert course.kinks["kind"].tolist() == ["限额"] * 3
    assert course.kinks["who"].tolist() == ["C", "B", "A"]
    assert course.kinks["jump"].tolist() == [0, 0, 0]
    # for one percentage point: -200 m, -60 m, -30 m, each x 1 %
    assert course.kinks["bend"].round().tolist() == [-2_000_000, -600_000, -300_000]


@pytest.mark.parametrize(
    ("target", "value"),
    [
        (4_200_000, 4.2 / 290),  # below 1.5 %: 290 m x r
        (6_000_000, 0.03 + 1 / 300),  # 3 m + 90 m x r
        (0, 0.0),
    ],
)
def test_the_rate_that_spends_a_sum(system, target, value):
    found = solve(THREE, system, span(system, RATE, 0, 0.12, START), target)
    assert found.solutions["value"].tolist() == [pytest.approx(value, abs=1e-10)]
    assert not found.solutions["flat"].any()
    assert found.leaps.empty
    assert_spent(THREE, system, found)


def test_where_every_cap_binds_the_solution_is_an_interval(system):
    # 3 x 3 m from 10 % on; to the fen from 2,999,999.995 / 30 m = 9.99999998333... %
    found = solve(THREE, system, span(system, RATE, 0, 0.12, START), 9_000_000)
    assert found.solutions["flat"].tolist() == [True]
    assert found.solutions["low"].iloc[0] == pytest.approx(2_999_999.995 / 30e6, abs=1e-14)
    assert found.solutions["high"].iloc[0] == 0.12
    assert_spent(THREE, system, found)


def test_what_cannot_be_reached_is_told_with_the_nearest_total(system):
    found = solve(THREE, system, span(system, RATE, 0.01, 0.12, START), 9_500_000)
    assert found.solutions.empty and found.leaps.empty
    assert found.reach["total"].tolist() == [9_000_000]
    # 290 m x 1 % = 2.9 m is the least
    found = solve(THREE, system, span(system, RATE, 0.01, 0.12, START), 1_000_000)
    assert found.reach[["value", "total"]].to_numpy().tolist() == [[0.01, 2_900_000]]


def test_values_a_document_would_state(system):
    # r = 1.448 %: 1.4 %, 1.44 %, 1.45 % x 290 m; 1.5 %: 4.35 m
    found = solve(THREE, system, span(system, RATE, 0, 0.12, START), 4_200_000)
    assert found.stated["text"].tolist() == ["1.4%", "1.44%", "1.45%", "1.5%"]
    assert found.stated["total"].tolist() == [4_060_000, 4_176_000, 4_205_000, 4_350_000]
    assert found.stated["difference"].tolist() == [-140_000, -24_000, 5_000, 150_000]


# ----- a cap -----


def test_the_cap_that_spends_a_sum(system):
    # 3 %: 0.9, 1.8 and 6.0 m; 0.9 + 1.8 + C = 5 m
    found = solve(THREE, system, span(system, CAP, 100_000, "1000万", START), 5_000_000)
    assert found.course.kinks["value"].tolist() == [900_000, 1_800_000, 6_000_000]
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[2_300_000, 2_300_000]]
    assert found.stated["text"].tolist() == ["230 万元"]
    assert_spent(THREE, system, found)


def test_a_sum_that_rounding_leaps_over(system):
    # below 900,000 three enterprises are at the cap: 3 x 666,666.66 = 1,999,999.98; 3 x 666,666.67 = 2,000,000.01
    found = solve(THREE, system, span(system, CAP, 100_000, 10_000_000, START), 2_000_000)
    assert found.solutions.empty
    row = found.leaps.iloc[0]
    assert (row["below"], row["below_total"]) == (666_666.66, 1_999_999.98)
    assert (row["above"], row["above_total"]) == (666_666.67, 2_000_000.01)
    assert row["cause"] == "四舍五入到分"
    assert text_of(found).startswith(
        "「济宁 2017 设备补助：单个企业最高补助」定为 666,666.67 元，全部资金合计与 200.00 万元 相差 0.01 元；四舍五入到分，不能更近。"
    )


# ----- a threshold -----


def test_a_threshold_jumps_and_is_flat_in_between(system):
    # 0.9 m up to 30 m, 1.8 m up to 60 m, 3.0 m (cap) up to 200 m: 5.7, 4.8, 3.0, 0
    found = solve(THREE, system, span(system, LINE, 10_000_000, 250_000_000, START), 4_800_000)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[30_000_000.01, 60_000_000]]
    assert found.solutions["flat"].all()
    kinks = found.course.kinks
    assert kinks["value"].tolist() == [30_000_000.01, 60_000_000.01, 200_000_000.01]
    assert kinks["kind"].tolist() == ["门槛"] * 3
    assert kinks["jump"].tolist() == [-900_000, -1_800_000, -3_000_000]
    assert_spent(THREE, system, found)


def test_a_jump_leaps_over_the_sum(system):
    found = solve(THREE, system, span(system, LINE, 10_000_000, 250_000_000, START), 4_000_000)
    assert found.solutions.empty
    row = found.leaps.iloc[0]
    assert (row["below"], row["below_total"]) == (60_000_000.01, 3_000_000)
    assert (row["above"], row["above_total"]) == (60_000_000, 4_800_000)
    assert row["cause"] == "跳变"


def test_a_count_is_solved_one_by_one(system):
    # two projects of 10 m and 20 m, 3 % each: 300,000 and 600,000. None, the better, both: 0, 0.6 m, 0.9 m
    projects = pandas.DataFrame(
        {"project_id": ["P1", "P2"], "enterprise_id": "E", "equipment_investment": [10e6, 20e6]}
        | {"catalogue_category": "permitted", "in_use": True}
    )
    owner = pandas.DataFrame({"enterprise_id": ["E"], "county": "yanzhou", "yield_per_mu_class": "B"})
    population = Population(2021, projects, owner, "手算")
    wanted = span(system, "yanzhou_2020.application.projects_per_year", 0, 4, START)
    found = solve(population, system, wanted, 600_000)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[1, 1]]
    found = solve(population, system, wanted, 900_000)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[2, 4]]
    assert found.course.kinks[["value", "kind", "jump"]].to_numpy().tolist() == [
        [1, "改选", 600_000],
        [2, "改选", 300_000],
    ]


# ----- pools -----


def test_an_exhausted_pool_makes_an_interval(system):
    # a fund of 5 m: 3 m + 90 m x r = 5 m at r = 2.2222... %; from there on the fund is all that is paid
    law = reformed(system, changes=[(FUND, 5_000_000, START)])
    found = solve(THREE, law, span(law, RATE, 0, 0.12, START), 5_000_000)
    assert found.solutions["flat"].tolist() == [True]
    assert found.solutions["low"].iloc[0] == pytest.approx(2 / 90, abs=1e-9)
    assert found.solutions["high"].iloc[0] == 0.12
    kinks = found.course.kinks
    assert kinks.loc[kinks["kind"] == "资金池", "value"].tolist() == [pytest.approx(2 / 90, abs=1e-9)]
    assert_spent(THREE, law, found)
    # half a million less: below the exhaustion
    found = solve(THREE, law, span(law, RATE, 0, 0.12, START), 4_500_000)
    assert found.solutions["value"].tolist() == [pytest.approx(1.5 / 90, abs=1e-10)]


def test_the_fund_itself_as_the_parameter(system):
    # claims 0.9 + 1.8 + 3.0 = 5.7 m
    found = solve(THREE, system, span(system, FUND, 0, 20_000_000, START), 5_700_000)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[5_700_000, 20_000_000]]
    found = solve(THREE, system, span(system, FUND, 0, 20_000_000, START), 1_234_567.89)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[1_234_567.89, 1_234_567.89]]
    assert found.course.kinks["kind"].tolist() == ["资金池"]


#: A fund of 2 m; A: 200 m x r; B in Yanzhou: the district's 1 m (cap) until the city's 60 m x r is more, at 1/60 = 1.6667 %.
#: 1 m + 200 m x r up to 1 %; 3 m while the fund is exhausted and B takes the district's money; then 2 m.
TWO = enterprises(("A", "rencheng", 200e6), ("B", "yanzhou", 60e6))


def test_a_total_that_rises_and_falls_has_two_solutions(system):
    law = reformed(system, changes=[(FUND, 2_000_000, START)])
    found = solve(TWO, law, span(law, RATE, 0, 0.05, START), 2_000_000)
    assert found.solutions["flat"].tolist() == [False, True]
    assert found.solutions["value"].iloc[0] == 0.005
    assert found.solutions["low"].iloc[1] == pytest.approx(1 / 60, abs=1e-9)
    assert found.solutions["high"].iloc[1] == 0.05
    assert "改选" in found.course.kinks["kind"].tolist()
    assert_spent(TWO, law, found)


def test_a_pool_that_turns_a_rise_into_a_fall_between_kinks(system):
    # the district tops the city's 60 m x r up to 1 m. 1 m + 200 m x r until the claims of 260 m x r exhaust the 2 m (0.769 %); then
    # 2 m + 1 m - 60 m x r. 2.5 m at 0.75 % and at 0.8333 %; neither enterprise has a kink there
    law = reformed(
        system,
        readings=["yanzhou_2020.city_district_overlap=top_up_difference"],
        changes=[(FUND, 2_000_000, START)],
    )
    found = solve(TWO, law, span(law, RATE, 0, 0.014, START), 2_500_000)
    assert found.solutions["value"].tolist() == [0.0075, pytest.approx(0.5 / 60, abs=1e-9)]
    assert found.course.kinks[["kind"]].to_numpy().tolist() == [["资金池"]]
    assert_spent(TWO, law, found)


def test_a_kink_is_placed_to_the_fen_however_large_the_enterprise(system):
    # a cap of 300 m over 7,000 m
    law = reformed(system, changes=[(CAP, 300_000_000, START)])
    found = solve(enterprises(("A", "rencheng", 7e9)), law, span(law, RATE, 0, 0.1, START), 1_000_000)
    kinks = found.course.kinks
    assert kinks.loc[kinks["kind"] == "限额", "value"].tolist() == [pytest.approx(0.3 / 7, abs=2e-11)]


def test_what_is_affordable_is_a_union_of_stretches(system):
    # at most 2.5 m: up to 0.75 %, and again from 1.6667 % on
    law = reformed(system, changes=[(FUND, 2_000_000, START)])
    found = affordable(TWO, law, span(law, RATE, 0, 0.05, START), 2_500_000)
    assert found.stretches["low"].tolist() == [0, pytest.approx(1 / 60, abs=1e-9)]
    assert found.stretches["high"].tolist() == [pytest.approx(0.0075, abs=1e-9), 0.05]
    assert found.dearest[["value", "total"]].to_numpy().tolist() == [[0.0075, 2_500_000]]
    assert found.beyond["total"].tolist() == [2_500_000.01, 3_000_000]
    assert found.beyond["over"].round(2).tolist() == [0.01, 500_000]
    assert found.beyond["value"].iloc[1] < found.stretches["low"].iloc[1]
    assert_copied(found, found.stretches)


def test_the_dearest_threshold_is_the_lowest_affordable(system):
    # 5.7 m is too much; 4.8 m from just above 30 m on
    found = affordable(THREE, system, span(system, LINE, 10_000_000, 250_000_000, START), 5_000_000)
    assert found.stretches[["low", "high"]].to_numpy().tolist() == [[30_000_000.01, 250_000_000]]
    assert found.dearest[["low", "high", "total"]].to_numpy().tolist() == [[30_000_000.01, 60_000_000, 4_800_000]]
    assert found.beyond[["value", "total", "over"]].to_numpy().tolist() == [[30_000_000, 5_700_000, 700_000]]
    assert affordable(THREE, system, span(system, LINE, 0, 20_000_000, START), 5_000_000).stretches.empty


def test_everything_affordable_has_its_highest_total(system):
    # non-monotone: 3 m between 1 % and 1/60
    law = reformed(system, changes=[(FUND, 2_000_000, START)])
    found = affordable(TWO, law, span(law, RATE, 0, 0.05, START), 100_000_000)
    assert found.stretches[["low", "high"]].to_numpy().tolist() == [[0, 0.05]]
    row = found.dearest.iloc[0]
    assert row["total"] == 3_000_000
    assert (row["low"], row["high"]) == (pytest.approx(0.01, abs=1e-9), pytest.approx(1 / 60, abs=1e-9))
    assert found.beyond.empty
    assert "在 10,000.00 万元 以内最高可到 300.00 万元" in text_of(found) and "范围外紧邻的值" not in text_of(found)


def test_only_one_payer(system):
    # the district's money falls from 1 m to nothing at 1/60
    found = solve(TWO, system, span(system, RATE, 0, 0.05, START), 1_000_000, "兖州区财政")
    assert found.solutions["high"].tolist() == [pytest.approx(1 / 60, abs=1e-9)]
    found = solve(TWO, system, span(system, RATE, 0, 0.05, START), 500_000, "yanzhou_2020_equipment")
    assert found.leaps[["below_total", "above_total"]].to_numpy().tolist() == [[0, 1_000_000]]
    assert found.course.measure == "兖州 2020 设备奖补"
    with pytest.raises(UnknownParameter, match="可选：济宁市级财政"):
        solve(TWO, system, span(system, RATE, 0, 0.05, START), 1, "没有这个")


# ----- two parameters -----


def test_frontier_of_rate_and_cap(system):
    # 5 m: 2 %: 0.6 + 1.2 + C; 3 %: 0.9 + 1.8 + C; 4 %: 1.2 + 2 C (B's 2.4 m is above C); 1 %: at most 0.3 + 0.6 + 2.0
    first = Axis(RATE, (0.01, 0.02, 0.03, 0.04), START)
    found = frontier(THREE, system, first, span(system, CAP, 100_000, 10_000_000, START), 5_000_000)
    assert found.table["kind"].tolist() == ["none", "solution", "solution", "solution"]
    assert found.table["value"].tolist()[1:] == [3_200_000, 2_300_000, 1_900_000]
    assert found.table["total"].tolist() == [2_900_000, 5_000_000, 5_000_000, 5_000_000]
    # 5.7 m is what 3 % and 3 m spend
    assert (found.current, found.baseline) == ({RATE: 0.03, CAP: 3_000_000}, 5_700_000)
    assert_copied(found, found.table)
    with pytest.raises(UnknownParameter, match="应不同"):
        frontier(THREE, system, Axis(CAP, (1, 2), START), span(system, CAP, 1, 10_000_000, START), 1)


def test_frontier_marks_jumps_and_roundings(system):
    # 2 m: at 3 % three at the cap (rounding); at 0.5 %: 0.15 + 0.3 + 1.0 = 1.45 m at most
    wanted = span(system, CAP, 100_000, 10_000_000, START)
    found = frontier(THREE, system, Axis(RATE, (0.005, 0.03), START), wanted, 2_000_000)
    assert found.table["kind"].tolist() == ["none", "rounding"]
    assert found.table["total"].tolist() == [1_450_000, 2_000_000.01]
    found = frontier(
        THREE, system, Axis(RATE, (0.03,), START), span(system, LINE, 10_000_000, 250_000_000, START), 4_000_000
    )
    assert found.table[["kind", "value"]].to_numpy().tolist() == [["leap", 60_000_000]]


# ----- nobody loses -----


def test_the_cheapest_cap_without_losers(system):
    # 4 % pays 1.2, 2.4 and 8.0 m; now 0.9, 1.8 and 3.0 m: C must be 3.0 m: 1.2 + 2.4 + 3.0
    law = reformed(system, changes=[(RATE, 0.04, START)])
    found = nobody_loses(THREE, system, law, span(law, CAP, 1_000_000, 10_000_000, START))
    assert found.stretches[["low", "high"]].to_numpy().tolist() == [[3_000_000, 10_000_000]]
    assert found.cheapest[["low", "high", "total"]].to_numpy().tolist() == [[3_000_000, 3_000_000, 6_600_000]]
    assert found.binding[["value", "enterprise", "loss"]].to_numpy().tolist() == [[2_999_999.99, "C", 0.01]]
    assert found.always.empty
    assert_copied(found, found.stretches)


def test_the_cheapest_rate_without_losers_counts_to_the_fen(system):
    # cap 5 m: A and B need 3 %; to the fen B's 60 m x r needs 1,799,999.995: A's 899,999.995 comes a little earlier
    law = reformed(system, changes=[(CAP, 5_000_000, START)])
    found = nobody_loses(THREE, system, law, span(law, RATE, 0.01, 0.1, START))
    assert found.stretches["low"].tolist() == [pytest.approx(1_799_999.995 / 60e6, abs=1e-14)]
    # 0.9 + 1.8 + 5.0
    assert found.cheapest[["value", "total"]].to_numpy().tolist() == [[0.03, 7_700_000]]
    assert found.binding["enterprise"].tolist() == ["B"]


def test_losers_above_a_value(system):
    # 3 % of what is above the line: 0.03 x (30 - L) + 0.03 x (60 - L) + 3 m (cap). Nobody loses up to 20 m, or to the fen up to
    # 0.16 yuan more: 0.03 x 0.16 = 0.0048, which rounds away, as it does below
    law = reformed(system, readings=["common.threshold_whole_or_excess=excess_only"])
    found = nobody_loses(THREE, law, law, span(law, LINE, 5_000_000, 29_000_000, START))
    assert found.stretches[["low", "high"]].to_numpy().tolist() == [[5_000_000, 20_000_000.16]]
    # 0.3 + 1.2 + 3.0
    assert found.cheapest.iloc[0].tolist() == [19_999_999.84, 20_000_000.16, 20_000_000, "2,000 万元", 4_500_000]
    assert found.binding["enterprise"].tolist() == ["A", "B"]


def test_who_always_loses_and_what_is_best_for_the_others(system):
    # 2.5 % pays 0.75 m instead of 0.9 m to A and 1.5 m instead of 1.8 m to B whatever the cap; C needs a cap of 3.0 m
    law = reformed(system, changes=[(RATE, 0.025, START)])
    found = nobody_loses(THREE, system, law, span(law, CAP, 1_000_000, 10_000_000, START))
    assert found.always[["enterprise", "before", "most", "loss"]].to_numpy().tolist() == [
        ["B", 1_800_000, 1_500_000, 300_000],
        ["A", 900_000, 750_000, 150_000],
    ]
    assert found.cheapest[["value", "total"]].to_numpy().tolist() == [[3_000_000, 5_250_000]]
    said = text_of(found)
    assert said.startswith(
        "「济宁 2017 设备补助：单个企业最高补助」在范围内无论定为多少，都有 2 家企业少于现行；"
        "除它们以外，定为 300 万元 时无一企业受损而合计最省：525.00 万元（比现行少 45.00 万元）。"
    )
    assert "其余企业无一受损的范围" in said and "总是受损的企业（2 家；万元）" in said
    # up to 2 m C loses, too, and nobody is left to lose at the next step
    found = nobody_loses(THREE, system, law, span(law, CAP, 1_000_000, 2_000_000, START))
    assert len(found.always) == 3 and "再动一步就会受损的企业" not in text_of(found)


def test_no_value_without_losers_although_each_could_be_spared(system):
    # now 0.9 m and 3.0 m. A fund of 3.5 m: C keeps its 3.0 m up to 30 r = 0.5 m, A has 0.9 m back only where C has 2.6 m
    two = (("A", "rencheng", 30e6), ("C", "rencheng", 200e6))
    law = reformed(system, changes=[(FUND, 3_500_000, START), (DISTRICT_RATE, 0.02, START)])
    wanted = span(law, RATE, 0.01, 0.1, START)
    found = nobody_loses(enterprises(*two), system, law, wanted)
    first, _, last, *_ = text_of(found).splitlines()
    assert found.cheapest.empty and first.endswith("都有企业少于现行，虽然没有一家总是受损。")
    assert last.startswith("拐点中受损最少的是 ") and "：1 家受损，合计 " in last
    # D is under the city's line: 0.3 m of the district become 0.2 m
    found = nobody_loses(enterprises(*two, ("D", "yanzhou", 10e6)), system, law, wanted)
    first, _, last, *_ = text_of(found).splitlines()
    assert first.endswith("都有企业少于现行：1 家总是受损，其余企业也没有一个值能都不受损。")
    assert "：另有 1 家受损，合计 " in last


def test_losers_after_pools(system):
    # a fund of 4 m under claims of 5.7 m. C gets most at 1.5 %: 3.0 of 4.35 m claimed; B at 5 %: 3.0 of 7.5. Both less than now.
    # A from 5 % on: 30 r of 30 r + 6.0 m, of 4 m: 0.9 m where 120 r = 0.9 (6 + 30 r), r = 5.4 / 93 = 5.8065 %
    law = reformed(system, changes=[(FUND, 4_000_000, START)])
    found = nobody_loses(THREE, system, law, span(law, RATE, 0.01, 0.1, START))
    assert found.always["enterprise"].tolist() == ["C", "B"]
    assert found.always["most"].tolist() == pytest.approx([3.0e6 * 4 / 4.35, 1.6e6], abs=0.02)
    assert found.stretches["low"].tolist() == pytest.approx([5.4 / 93], abs=1e-9)
    assert found.stretches["high"].tolist() == [0.1]


@pytest.mark.parametrize(("fund", "solved"), [(5_000_000, True), (4_900_000, False)])
def test_what_one_gains_from_a_pool_others_lose(system, fund, solved):
    # now a fund of 5 m is shared 0.9 : 1.8 : 3.0. Under a cap of 4 m it is shared 30 r : 60 r : 4 from 2 % on (B's cap: 6.67 %). A and B
    # need 30 r / (90 r + 4) >= 0.9 / 5.7, which is r >= 4 %; C needs 4 / (90 r + 4) >= 3.0 / 5.7, which is r <= 4 %.
    # Of 4.9 m A and B need 4.16 %, C at most 3.83 %: one of the two sides always loses, from 4.16 % on only C
    before = reformed(system, changes=[(FUND, 5_000_000, START)])
    law = reformed(system, changes=[(FUND, fund, START), (CAP, 4_000_000, START)])
    found = nobody_loses(THREE, before, law, span(law, RATE, 0.02, 0.1, START))
    assert found.always.empty
    if solved:
        assert found.stretches["low"].iloc[0] <= 0.04 <= found.stretches["high"].iloc[-1]
        assert found.cheapest[["value", "total"]].to_numpy().tolist() == [[0.04, 5_000_000]]
        assert found.cheapest["high"].iloc[0] - found.cheapest["low"].iloc[0] < 1e-6
    else:
        assert found.stretches.empty and found.cheapest.empty
        assert found.fewest["losers"].tolist() == [1]


# ----- against full simulations -----

BRUTE = [
    (RATE, 0.0, 0.1, 3e7, None),
    (CAP, 100_000, 8_000_000, 3e7, None),
    (LINE, 1_000_000, 50_000_000, 2e8, "济宁市级财政"),
    (DISTRICT_RATE, 0.0, 0.1, 2e7, None),
    (FUND, 0, 80_000_000, None, None),
]


@pytest.fixture(scope="module")
def made_up():
    return synthesise(2021, seed=3, projects=50)


@pytest.mark.parametrize(("path", "low", "high", "fund", "measure"), BRUTE)
def test_sides_of_totals_are_those_of_budgets(system, made_up, path, low, high, fund, measure):
    law = reformed(system, changes=[(FUND, fund, START)]) if fund else system
    wanted = span(law, path, low, high, START)
    draw = numpy.random.default_rng(11)
    steps = sorted(draw.integers(wanted.low, wanted.high, 4).tolist())
    totals = {
        step: round(total_of(made_up, reformed(law, changes=[(path, wanted.value(step), START)]), measure) * 100)
        for step in steps
    }
    along = line(made_up, law, wanted, measure)
    for target in (totals[steps[2]], sum(totals.values()) // len(totals)):
        found, blocks = runs(along.points, along.level(target))
        assert (found[0].low, found[-1].high) == (wanted.low, wanted.high)
        for step, total in totals.items():
            (run,) = (run for run in found if run.low <= step <= run.high)
            assert run.side == numpy.sign(total - target)
        for run in found[:2]:
            for step in {run.low, run.high}:
                whole = total_of(made_up, reformed(law, changes=[(path, wanted.value(step), START)]), measure)
                assert numpy.sign(round(whole * 100) - target) == run.side
        best = nearest(along.points, along.level(target), blocks, -1)
        assert along.exact.total(best) == max(total for total in along.exact.known.values() if total <= target)
        assert along.exact.total(best) >= max((total for total in totals.values() if total <= target), default=0)


@pytest.mark.parametrize(("path", "low", "high", "fund"), [row[:4] for row in BRUTE[:2]])
def test_who_loses_is_who_gets_less_in_full_simulations(system, made_up, path, low, high, fund):
    law = reformed(system, changes=[(FUND, fund, START), (CAP, 4_000_000, START)])
    before = paid_by_enterprise(made_up, reformed(system, changes=[(FUND, fund, START)]))
    wanted = span(law, path, low, high, START)
    along = line(made_up, law, wanted)
    level = LoserLevel(along.law, along.exact, along.whole_variation, before)
    found, _ = runs(along.points, level)
    steps = numpy.random.default_rng(5).integers(wanted.low, wanted.high, 3).tolist()
    for step in [*steps, *(step for run in found[:2] for step in (run.low, run.high))]:
        after = paid_by_enterprise(made_up, reformed(law, changes=[(path, wanted.value(step), START)]))
        (run,) = (run for run in found if run.low <= step <= run.high)
        assert run.side == int((after < before).any())


def test_where_money_may_vary_in_any_way_nobody_is_sure_to_lose():
    assert LoserLevel(None, None, None, numpy.zeros(2, dtype=numpy.int64)).sure(0, 9) is None


def test_who_loses_where_no_pool_depends_on_what_varies(system):
    """Zaozhuang, with terms supplied, pays 10 % from 1,000,000 up to 2,000,000: of 5, 10 and 30 million 0.5, 1 and 2 million. At a lower rate
    the first two lose."""
    terms = ["zaozhuang_2020.equipment.minimum_investment=1000000", "zaozhuang_2020.equipment.cap_per_enterprise=2e6"]
    law = reformed(system, readings=["zaozhuang_2020.equipment_grant_terms=supplied_terms"], supply=terms)
    people = enterprises(("A", "tengzhou", 5e6), ("B", "tengzhou", 10e6), ("C", "tengzhou", 30e6))
    people.projects["serves_listed_purpose"] = True
    before = paid_by_enterprise(people, law)
    assert (before / 100).tolist() == [500_000, 1_000_000, 2_000_000]
    wanted = span(law, "zaozhuang_2020.equipment.rate", 0, 0.2, START)
    along = line(people, law, wanted)
    assert not along.law.pooled and along.law.varying
    level = LoserLevel(along.law, along.exact, along.whole_variation, before)
    found, _ = runs(along.points, level)
    assert [run.side for run in found] == [1, 0]
    # to the fen from 499,999.995 / 5 million; B from 999,999.995 / 10 million, which is higher
    assert wanted.value(found[1].low) == pytest.approx(999_999.995 / 10e6, abs=1e-12)
    assert level.losses(found[0].high).tolist() == [0, 1, 0]


@pytest.mark.parametrize(
    ("spared", "expected"), [((), [Run(0, 300, 1)]), ((57, 243), [Run(0, 56, 1), Run(57, 243, 0), Run(244, 300, 1)])]
)
def test_a_long_stretch_in_which_somebody_loses_a_fen_at_every_step_looked_at_is_a_loss_throughout(spared, expected):
    """From 50 to 250 nobody loses but for the fen; looked at are 50, 51, 53, 57, ... and 250, 249, 247, 243, ..."""
    level = LoserLevel(None, SimpleNamespace(batches=lambda missing: missing), None, numpy.zeros(1, dtype=numpy.int64))
    level.losers = {step: frozenset() if step in spared else frozenset([0]) for step in range(301)}
    assert level.tidy(0, 50, 250, 300) == expected


def test_paid_by_enterprise_is_what_budgets_pay(system):
    paid = paid_by_enterprise(twelve.population(), system)
    ids = twelve.population().enterprises["enterprise_id"]
    expected = twelve.paid_by_enterprise("")
    assert {name: fen / 100 for name, fen in zip(ids, paid, strict=True) if fen} == expected


def test_the_twelve_enterprises(system):
    # worked out in twelve.py: the cap is no longer felt from 4,500,000.01 on; 4 % spends TOTALS["R"]
    population = twelve.population()
    found = solve(population, system, span(system, CAP, 3_000_000, 9_000_000, START), twelve.TOTALS["C"])
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[4_500_000.01, 9_000_000]]
    found = solve(population, system, span(system, RATE, 0.035, 0.045, START), twelve.TOTALS["R"])
    assert found.solutions["value"].tolist() == [0.04]
    assert_spent(population, system, found)


def test_sample_weights_count(system):
    # B stands for two: 30 r + 2 x 60 r + 200 r = 350 m x r below 1.5 %
    weighted = Population(2021, THREE.projects, THREE.enterprises.assign(weight=[1.0, 2.0, 1.0]), "手算")
    found = solve(weighted, system, span(system, RATE, 0, 0.12, START), 3_500_000)
    assert found.solutions["value"].tolist() == [0.01]


def test_an_exhausted_pool_of_a_sample_leaves_fen_over(system):
    # B stands for one and a half: 30 r + 90 r + 3 m = 5 m at r = 1/60; from there on 5 m but for some fen of the third parts
    law = reformed(system, changes=[(FUND, 5_000_000, START)])
    weighted = Population(2021, THREE.projects, THREE.enterprises.assign(weight=[1.0, 1.5, 1.0]), "手算")
    found = solve(weighted, law, span(law, RATE, 0, 0.12, START), 5_000_000)
    assert found.solutions["flat"].tolist() == [True]
    assert found.solutions["low"].iloc[0] == pytest.approx(1 / 60, abs=1e-8)
    assert found.solutions["high"].iloc[0] == 0.12
    assert (found.solutions["total"] - 5_000_000).abs().max() < 0.035  # one fen each


def test_a_start_in_the_middle_of_the_year_concerns_later_claims(system):
    # A applies before July and keeps 3 % (900,000): 60 r + 200 r = 2.6 m at 1 %
    dated = THREE.projects.assign(application_date=pandas.to_datetime(["2021-03-01", "2021-08-01", "2021-08-01"]))
    population = Population(2021, dated, THREE.enterprises, "手算")
    found = solve(population, system, span(system, RATE, 0, 0.12, "2021-07-01"), 3_500_000)
    assert found.solutions["value"].tolist() == [0.01]


def test_a_quantity_that_the_text_leaves_open(system):
    # 10 % of 3 m and of 8 m under a cap C, no line: 300,000 + C = 700,000. Current law has no total, for it has no cap
    terms = "zaozhuang_2020.equipment_grant_terms=supplied_terms"
    law = reformed(system, readings=[terms], supply=["zaozhuang_2020.equipment.minimum_investment=0"])
    population = enterprises(("A", "tengzhou", 3e6), ("B", "tengzhou", 8e6))
    found = solve(
        population, law, span(law, "zaozhuang_2020.equipment.cap_per_enterprise", 0, 2_000_000, START), 700_000
    )
    assert found.solutions["value"].tolist() == [400_000]
    assert (found.course.current, found.course.baseline) == (None, None)


def test_a_parameter_that_nobody_feels(system):
    found = solve(THREE, system, span(system, DISTRICT_RATE, 0, 0.1, START), 5_700_000)
    assert found.solutions[["low", "high"]].to_numpy().tolist() == [[0, 0.1]]
    assert found.course.kinks.empty
    assert text_of(found).endswith("范围内没有拐点：合计随参数直线变动。")


# ----- small parts -----


@pytest.mark.parametrize(
    ("low", "high", "value"), [(14_996, 15_004, 15_000), (17, 17, 17), (96, 104, 100), (0, 5, 0), (1_234, 1_299, 1_300)]
)
def test_the_roundest_number(low, high, value):
    expected = value if low <= value <= high else None
    found = shortest(low, high)
    assert low <= found <= high
    if expected is not None:
        assert found == expected


def test_the_last_step_that_holds_is_found_whatever_the_guess():
    looked: set[int] = set()
    for guess in (None, lambda low, high: low, lambda low, high: high, lambda low, high: 123_456.7):
        found = last_same(
            looked.update, lambda number, step: step <= [123_456, 7][number], [(0, 10**6), (0, 50)], guess
        )
        assert found == [(123_456, 123_457), (7, 8)]


def test_the_highest_total_inside_a_block_that_never_meets_the_sum():
    # rises to 500 at step 500 and falls again; between two steps it moves by at most their distance
    class Tent:
        def __init__(self):
            self.known, self.exact, self.target = {}, self, 10_000

        def look(self, steps):
            self.known.update({step: min(step, 1_000 - step) for step in steps})

        def total(self, step):
            self.look([step])
            return self.known[step]

        def side(self, step):
            return int(numpy.sign(self.total(step) - self.target))

        def bound(self, low, high, sign):
            return (self.total(low) + self.total(high) + sign * (high - low)) / 2

    level = Tent()
    points = list(range(0, 1_001, 4))
    assert nearest(points, level, [(0, len(points) - 1)], -1) == 500
    assert nearest(points, level, [(0, len(points) - 1)], 1) is None
    assert len(level.known) < len(points) / 2


def test_only_stretches_without_a_kink_inside_are_searched():
    class Unsure:
        def look(self, steps):
            pass

        def sure(self, low, high):
            return None

        def settle(self, pieces):
            self.pieces = pieces
            return [[Run(low, high, 0)] for low, high in pieces]

    level = Unsure()
    found, blocks = runs([0, 500, 1_000, 1_200], level)
    assert sorted(level.pieces) == [(0, 500), (500, 1_000), (1_000, 1_200)]
    assert (found, blocks) == ([Run(0, 1_200, 0)], [])


def test_kinks_of_pools_right_after_another_are_one():
    assert apart([(500, 501), (10, 11), (12, 13)], 5) == [(10, 11), (500, 501)]


def test_bad_ranges_and_parameters_are_refused(system):
    for low, high in ((0.1, 0.1), (0.2, 0.1), (-0.1, 0.1)):
        with pytest.raises(JiningError, match="上限要大于下限"):
            span(system, RATE, low, high, START)
    with pytest.raises(JiningError, match="不是数值参数"):
        span(system, "yanzhou_2020.readings.one_application", 0, 1, START)
    with pytest.raises(JiningError, match="找不到"):
        span(system, "jining_2017.equipment.rat", 0, 1, START)
    with pytest.raises(JiningError, match="请用 sweep"):
        solve(THREE, system, span(system, "national.sme.large_employees", 500, 2_000, START), 1)
    with pytest.raises(JiningError, match="0 元以上"):
        solve(THREE, system, span(system, RATE, 0, 0.1, START), -1)


def test_totals_of_payers_add_up_to_the_total(system):
    population = twelve.population()
    payers = {one.payer for one in instruments(system)}
    assert round(sum(total_of(population, system, payer) for payer in payers), 2) == twelve.TOTALS[""]
    assert to_fen(numpy.array([total_of(population, system)]))[0] == round(twelve.TOTALS[""] * 100)


# ----- the command -----


@pytest.fixture
def command_law(monkeypatch, system):
    """Commands build the law anew; here they take the one at hand."""
    monkeypatch.setattr("openfisca_jining.commands.common.CountryTaxBenefitSystem", lambda: system)


def command(capsys, *arguments) -> str:
    assert main(["solve", *arguments]) == 0
    return capsys.readouterr().out


def test_the_command_answers_in_a_sentence(command_law, capsys):
    # the bundled table spends 68,411,633.00 under current law
    out = command(capsys, f"--over={RATE}=1%:8%", "--change", "-5%")
    first, second, *_ = out.splitlines()
    assert "定为 2.38589" in first and "合计正好" in first
    assert "参数现值 3%" in second and "拐点（限额" in out
    found = json.loads(command(capsys, f"--over={RATE}=1%:8%", "--change", "-5%", "--json"))
    assert found["target"] == round(found["baseline_total"] * 0.95, 2)


def test_the_command_says_that_there_is_no_solution(command_law, capsys):
    assert "到不了 90,000.00 万元" in command(capsys, f"--over={RATE}=1%:8%", "--target", "9亿")
    assert "都超过 100.00 万元" in command(capsys, f"--over={RATE}=1%:8%", "--at-most", "100万元")


def test_the_command_writes_workbook_chart_and_data(command_law, capsys, tmp_path, recwarn):
    questions = {
        "b": [f"--over={RATE}=2%:5%:1%", f"--over={CAP}=100万:1000万", "--change", "+100万"],
        "c": [f"--over={CAP}=100万:1000万", "--at-most", "6900万"],
        "d": [f"--over={CAP}=100万:1000万", "--nobody-loses", "--set", f"{RATE}=4%@2021-01-01"],
    }
    for name, arguments in questions.items():
        command(capsys, *arguments, "--out", str(tmp_path / name))
        assert {path.name for path in (tmp_path / name).iterdir()} == {"反求.xlsx", "反求.png", "反求.json"}
    assert not [warning for warning in recwarn if "Glyph" in str(warning.message)]


def test_a_first_range_without_a_step_is_taken_in_ten(system):
    values = (0.01, 0.012, 0.014, 0.016, 0.018, 0.02, 0.022, 0.024, 0.026, 0.028, 0.03)
    assert grid_of(system, f"{RATE}=1%:3%", START) == Axis(RATE, values, START)
    assert grid_of(system, f"{RATE}=1%:3%:1%", START).values == (0.01, 0.02, 0.03)
    assert grid_of(system, f"{CAP}=100万,300万", START).values == (1_000_000, 3_000_000)


@pytest.mark.parametrize(
    ("arguments", "status", "message"),
    [
        ([f"--over={RATE}", "--target", "1亿"], 1, "写法不对"),
        ([f"--over={RATE}=1%:8%", "--target", "很多"], 1, "应为数字"),
        ([f"--over={RATE}=8%:1%", "--target", "1亿"], 1, "上限要大于下限"),
        ([f"--over={CAP}=100:300", "--target", "1亿"], 1, "像是把万元写成了元"),
        ([f"--over={RATE}=1%:8%", "--target", "1亿", "--measure", "省财政"], 1, "可选"),
        ([f"--over={RATE}=1%:8%", f"--over={CAP}=1万:2万", "--nobody-loses"], 2, "至多两个"),
    ],
)
def test_the_command_refuses_bad_input(command_law, capsys, arguments, status, message):
    assert main(["solve", *arguments]) == status
    assert message in capsys.readouterr().err
