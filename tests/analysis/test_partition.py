"""A population in partitions costs what it costs in one simulation, to the fen, on every project; or it is refused."""

from __future__ import annotations

import dataclasses
import gc
import multiprocessing
import weakref
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from importlib import resources

import numpy
import pandas
import pytest
from openfisca_core.reforms import Reform

from openfisca_jining.analysis import partition
from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.forecast.runs import LawSpec
from openfisca_jining.analysis.partition import PartitionError, partitioned_budget, read_partition, split
from openfisca_jining.instruments import POOLED
from openfisca_jining.model import YEAR, Money, Project, law_of_year, ration
from openfisca_jining.population import Population
from openfisca_jining.population.synthetic import synthesise
from openfisca_jining.reforming import reformed

EXAMPLE = str(resources.files("openfisca_jining.population") / "example_2021.csv")
#: Pools that bind on a few hundred projects, too.
TIGHT = (
    ("jining_2020.special_fund.amount", 20_000_000, "2021-01-01"),
    ("jining_2017.zone_pool.amount", 3_000_000.01, "2017-01-01"),
)
READINGS = [
    (),
    ("jining_2020.special_fund_rationing=first_come",),
    ("jining_2020.special_fund_rationing=protected_first",),
    ("jining_2020.special_fund_rationing=priority_order",),
    ("jining_2020.special_fund_rationing=pro_rata", "jining_2017.zone_pool_rationing=pro_rata"),
    ("jining_2017.zone_pool_rationing=first_come",),
    ("jining_2017.zone_pool_scope=per_zone",),
    ("jining_2017.zone_pool_scope=citywide_committed",),
    ("jining_2017.zone_pool_scope=absorbs_3_percent",),
    ("jining_2020.special_fund_relation=additional",),
    ("jining_2020.special_fund_relation=consolidates_no_cap",),
    ("jining_2017.zone_pool_allocation=equal_shares",),
    ("jining_2017.zone_pool_allocation=pro_rata_investment", "jining_2017.zone_pool_scope=per_zone"),
    ("jining_2017.cap_scope=per_enterprise_policy_life", "jining_2017.zone_pool_allocation=equal_shares"),
    ("yanzhou_2020.city_district_overlap=never_both_better_of_two", "common.cross_cap_levels=joint_cap"),
]


@pytest.fixture(scope="module")
def made_up():
    made = synthesise(2021, seed=5, projects=400)
    return Population(2021, made.projects, made.enterprises, "合成", True)


@pytest.fixture(scope="module")
def sampled(made_up):
    """Some enterprises stand for one and a half."""
    weight = numpy.where(numpy.arange(len(made_up.enterprises)) % 7 == 0, 1.5, 1.0)
    return dataclasses.replace(made_up, enterprises=made_up.enterprises.assign(weight=weight))


def tight(system, readings=()):
    return reformed(system, readings=readings, changes=TIGHT)


def assert_equal(found, whole):
    """Every project, every stage of the ledger, every fund: the same to the last bit."""
    pandas.testing.assert_frame_equal(found.claims, whole.claims, check_exact=True)
    pandas.testing.assert_frame_equal(found.ledger(), whole.ledger(), check_exact=True)
    pandas.testing.assert_frame_equal(found.funds, whole.funds, check_exact=True)
    assert found.record["projects"] == whole.record["projects"]
    assert found.record["enterprises"] == whole.record["enterprises"]


def assert_equal_in_partitions(population, law, count=3):
    whole = budget(population, law)
    assert_equal(partitioned_budget(split(population, count), law), whole)
    return whole


@pytest.mark.parametrize("readings", READINGS, ids=lambda readings: "+".join(readings) or "default")
def test_partitions_are_one_simulation_under_every_rule_of_the_pools(system, made_up, readings):
    assert_equal_in_partitions(made_up, tight(system, readings))


@pytest.mark.parametrize("readings", [READINGS[0], READINGS[10], READINGS[11]])
def test_also_where_enterprises_stand_for_several(system, sampled, readings):
    whole = assert_equal_in_partitions(sampled, tight(system, readings))
    assert (whole.claims["promised"] * 100 % 1 > 0).any()  # 加权后不是整分


def test_pools_of_each_partition_would_be_wrong(system, made_up):
    """Every partition would have the fund's 20 million for itself."""
    law = tight(system)
    apart = [budget(one.population, law).funds["paid"].iloc[1] for one in split(made_up, 3)]
    assert apart == [20_000_000.0] * 3
    assert partitioned_budget(split(made_up, 3), law).funds["paid"].iloc[1] == 20_000_000.0


@pytest.mark.parametrize("count", [1, 2, 13, 60])
def test_any_number_of_partitions_in_any_order(system, count):
    made = synthesise(2021, seed=1, projects=60)
    law = tight(system)
    parts = list(split(made, count))
    assert len(parts) > count / 2
    assert_equal(partitioned_budget(reversed(parts), law), budget(made, law))


def test_a_year_in_which_the_fund_is_what_earlier_years_left(system):
    made = synthesise(2022, seed=2, projects=300)
    law = tight(system, ["jining_2020.special_fund_period=one_off_total"])
    assert_equal(partitioned_budget(split(made, 3), law), budget(made, law))


def test_split_keeps_enterprises_and_consortia_whole():
    made = synthesise(2021, seed=5, projects=3000)
    parts = [one.population for one in split(made, 5)]
    assert sorted(one for part in parts for one in part.projects["project_id"]) == sorted(made.projects["project_id"])
    assert max(map(len, parts)) < 2 * min(map(len, parts))
    for column in ("enterprise_id", "consortium_id"):
        seen = [one for part in parts for one in set(part.projects[column].dropna()) - {""}]
        assert len(seen) == len(set(seen)) > 3
    # 合成数据里确有跨企业的共同体和多项目的企业，否则上面什么也没有验
    across = made.projects[made.projects["consortium_id"].fillna("") != ""].groupby("consortium_id")
    assert across["enterprise_id"].nunique().max() > 1 and made.projects["enterprise_id"].duplicated().any()


# ----- tables of their own -----


def claims(county: str, awards: dict[str, float], **columns) -> Population:
    """One project each that the city has assessed for a development zone award, in one county."""
    names = [f"{county}-{number}" for number in range(len(awards))]
    projects = pandas.DataFrame(
        {
            "project_id": list(awards),
            "enterprise_id": names,
            "assessed_award": list(awards.values()),
            "development_zone": 1,
            "major_project": True,
        }
        | {name: numpy.array(days, dtype="datetime64[D]") for name, days in columns.items()}
    )
    return Population(2021, projects, pandas.DataFrame({"enterprise_id": names, "county": county}), county)


def test_two_counties_share_20_million_pro_rata(system):
    """15 and 25 million are claimed on 20 million: half of each is paid, 7.5 and 12.5 million."""
    law = reformed(system, readings=["jining_2017.zone_pool_rationing=pro_rata"])
    found = partitioned_budget([claims("rencheng", {"甲": 15e6}), claims("qufu", {"乙": 20e6, "丙": 5e6})], law)
    paid = found.claims.groupby("project_id")["paid"].sum()
    assert paid.to_dict() == {"甲": 7_500_000.0, "乙": 10_000_000.0, "丙": 2_500_000.0}
    assert found.total == 20_000_000
    assert found.funds.loc[0, ["available", "claimed", "paid"]].tolist() == [20e6, 40e6, 20e6]


def test_the_odd_fen_goes_by_the_order_of_the_whole_table(system):
    """Three equal claims on 20 million: 6,666,666.67 each but the last listed, 6,666,666.66."""
    law = reformed(system, readings=["jining_2017.zone_pool_rationing=pro_rata"])
    tables = [claims("rencheng", {"甲": 9e6}), claims("qufu", {"乙": 9e6}), claims("zoucheng", {"丙": 9e6})]
    for order in ([0, 1, 2], [2, 0, 1]):
        found = partitioned_budget([tables[place] for place in order], law).claims.set_index("project_id")["paid"]
        assert found.iloc[:3].tolist() == [6_666_666.67, 6_666_666.67, 6_666_666.66]
        assert found.index[2] == "丙乙"[order[0] == 2]


def test_every_county_a_table_of_its_own_with_its_own_columns(system, made_up):
    """Tables one after the other are one table, also where one lacks columns, and where one has no claim on any pool."""
    county = made_up.enterprises["county"].to_numpy()[made_up.enterprise_number]
    groups = [["yanzhou"], ["rencheng", "zoucheng"], sorted(set(county) - {"yanzhou", "rencheng", "zoucheng"})]
    parts = []
    for names in groups:
        rows = numpy.flatnonzero(numpy.isin(county, names) & (made_up.projects["consortium_id"].fillna("") == ""))
        one = partition.part_of(made_up, rows, numpy.unique(made_up.enterprise_number[rows]))
        parts.append(one)
    plain = parts[2].enterprises.drop(columns=["yield_per_mu_class", "employees", "revenue", "cluster"])
    parts[2] = dataclasses.replace(parts[2], enterprises=plain)
    whole = one_table(parts)
    law = tight(system, ["jining_2020.special_fund_rationing=first_come"])
    found = partitioned_budget([partial(lambda one: one, one) for one in parts], law)
    assert_equal(found, budget(whole, law))


def test_what_a_pool_reads_of_everybody_is_asked_for_again(system):
    """Only the second county claims on the zone pool, whose queue goes by dates; the first is asked for what the pool reads."""
    law = tight(system, ["jining_2017.zone_pool_rationing=first_come", "jining_2020.special_fund_rationing=pro_rata"])
    grant = {"equipment_investment": 60e6, "equipment_in_use": 60e6, "cumulative_equipment_investment": 60e6}
    first = claims("qufu", {"甲": 0.0})
    projects = first.projects.assign(**grant, catalogue_category="encouraged", in_use=True, development_zone=0)
    first, asked = dataclasses.replace(first, projects=projects), []
    second = claims("rencheng", {"乙": 2e6, "丙": 2e6}, application_date=["2021-05-02", "2021-05-01"])

    def run(function, items):
        asked.append([place for place, _, _ in items])
        return map(function, items)

    found = partitioned_budget([first, second], law, run=run)
    assert asked == [[0, 1], [0]]
    # 申请 3%×6000 万=180 万；开发区奖励池 300 万零 1 分：丙在先得 200 万，乙得 100 万零 1 分；专项资金 2000 万都够
    assert found.claims.set_index("project_id")["paid"].to_dict() == {"甲": 1.8e6, "乙": 1_000_000.01, "丙": 2e6}


def zone_pool_by(rule):
    """A reform under which the zone pool is rationed by a rule of its own. :param rule: function of project, period, claims and pool."""

    class RationedOtherwise(Reform):
        name = "开发区奖励另按办法削减"

        def apply(self):
            class jining_2017_zone_pool__rationed(Money):
                value_type = float
                entity = Project
                definition_period = YEAR
                label = "开发区重大项目奖励（2000 万元资金池后）"
                unit = "元"

                def formula(project, period, parameters):
                    claim = project("jining_2017_zone_pool__chosen", period)
                    law = law_of_year(project, period, parameters, "jining_2017")
                    return rule(project, period, claim, law.zone_pool.amount)

            self.replace_variable(jining_2017_zone_pool__rationed)

    return RationedOtherwise


def fewest_employees_first(project, period, claim, pool):
    return ration(claim, pool, project.enterprise("employees", period))


def of_size(one: Population, employees) -> Population:
    return dataclasses.replace(one, enterprises=one.enterprises.assign(employees=employees))


def test_what_a_pool_reads_only_where_all_claims_together_are_too_many_is_asked_for(system):
    """Who has fewer employees comes first once the pool is short; 15 million are claimed on 20 million in each county."""

    def rule(project, period, claim, pool):
        return claim if claim.sum() <= pool else fewest_employees_first(project, period, claim, pool)

    asked = []

    def run(function, items):
        asked.append([place for place, _, _ in items])
        return map(function, items)

    law = zone_pool_by(rule)(system)
    large, small = of_size(claims("rencheng", {"甲": 15e6}), 500), of_size(claims("qufu", {"乙": 15e6}), 50)
    found = partitioned_budget([large, small], law, run=run)
    assert asked == [[0, 1], [0, 1]]
    assert found.claims.set_index("project_id")["paid"].to_dict() == {"甲": 5e6, "乙": 15e6}
    assert_equal(found, budget(one_table([large, small]), law))


def test_what_a_pool_reads_only_of_those_who_have_a_claim_makes_all_travel(system):
    """Half of the projects claim 15 million: 7.5 million each on average, so all are cut alike, which those with a claim alone
    (15 million on average) would not be."""

    def rule(project, period, claim, pool):
        return ration(claim, pool) if claim.mean() <= 10e6 else fewest_employees_first(project, period, claim, pool)

    law = zone_pool_by(rule)(system)
    large = of_size(claims("rencheng", {"甲": 15e6, "丙": 0.0}), 500)
    small = of_size(claims("qufu", {"乙": 15e6, "丁": 0.0}), 50)
    found = partitioned_budget([large, small], law)
    assert found.record["projects_sent"] == 4
    assert found.claims.set_index("project_id")["paid"].loc[["甲", "乙"]].tolist() == [10e6, 10e6]
    assert_equal(found, budget(one_table([large, small]), law))


def one_table(parts) -> Population:
    """Tables one after the other."""
    return Population(
        2021,
        pandas.concat([one.projects for one in parts], ignore_index=True),
        pandas.concat([one.enterprises for one in parts], ignore_index=True),
    )


def test_a_project_whose_own_partition_pays_it_nothing_still_counts_in_the_shares(system):
    """0.05 yuan in equal shares for 4 projects that stand for 2 each: 0.00625 each, cut to nothing.

    The first county alone has 0.0083 each, nothing, too; the second alone 0.025, of which 0.02 would be paid twice.
    """
    law = reformed(
        system,
        readings=["jining_2017.zone_pool_allocation=equal_shares"],
        changes=[("jining_2017.zone_pool.amount", 0.05, "2017-01-01")],
    )
    tables = [claims("rencheng", {"甲": 1.0, "乙": 1.0, "丙": 1.0}), claims("qufu", {"丁": 1.0})]
    doubled = [dataclasses.replace(one, enterprises=one.enterprises.assign(weight=2.0)) for one in tables]
    assert budget(doubled[1], law).total == 0.04
    assert partitioned_budget(doubled, law).total == 0


# ----- one at a time -----


def test_one_partition_in_memory_at_a_time(system, made_up):
    """When a table is loaded, no table and no array of a simulation of the ones before is left."""
    tables, arrays, left = [], [], []

    class Watched(Population):
        def simulation(self, law):
            simulation = super().simulation(law)
            values = simulation.populations["project"].get_holder("equipment_investment").get_array("2021")
            arrays.append(weakref.ref(values))
            return simulation

    def load(one):
        left.append(sum(seen() is not None for seen in (*tables, *arrays)))
        loaded = Watched(2021, one.projects.copy(), one.enterprises.copy())
        tables.append(weakref.ref(loaded))
        return loaded

    parts = [partial(load, one.population) for one in split(made_up, 4)]
    gc.disable()  # 不靠垃圾回收
    try:
        found = partitioned_budget(parts, system)
    finally:
        gc.enable()
    assert left == [0] * 4 and len(arrays) == 4
    assert round(found.total * 100) == round(budget(made_up, system).total * 100)


def test_processes_give_the_same(made_up):
    law = LawSpec("现行政策", changes=TIGHT)
    whole = budget(made_up, law.build())
    with ProcessPoolExecutor(2, multiprocessing.get_context("fork")) as pool:
        assert_equal(partitioned_budget(split(made_up, 4), law, run=pool.map), whole)
        with pytest.raises(PartitionError, match=r"第 2 个分区（qufu）：.*注册地"):
            partitioned_budget([claims("rencheng", {"甲": 1e6}), nowhere()], law, run=pool.map)


def nowhere() -> Population:
    one = claims("qufu", {"乙": 1e6})
    return dataclasses.replace(one, enterprises=one.enterprises.drop(columns="county"))


def test_a_table_is_a_partition(system, tmp_path):
    path = tmp_path / "任城.csv"
    head = "项目编号,统一社会信用代码,企业名称,注册地,申报年度,评定奖励额,所在开发区,重大项目\n"
    path.write_text(head, encoding="utf-8")
    with pytest.raises(PartitionError, match=r"任城\.csv.*check"):
        partitioned_budget([partial(read_partition, path)], system)
    assert_equal(
        partitioned_budget([partial(read_partition, EXAMPLE)], system), budget(read_partition(EXAMPLE), system)
    )


# ----- refusals -----


def test_an_enterprise_in_two_partitions_is_refused_by_name(system):
    tables = [claims("rencheng", {"甲": 1e6}), claims("qufu", {"乙": 1e6}), claims("rencheng", {"丙": 1e6})]
    with pytest.raises(PartitionError, match=r"企业 rencheng-0 被分在第 1、3 个分区（这样的企业共 1 个）"):
        partitioned_budget(tables, system)


def test_a_consortium_in_two_partitions_is_refused_by_name(system):
    tables = [claims("rencheng", {"甲": 1e6}), claims("qufu", {"乙": 1e6})]
    joint = [dataclasses.replace(one, projects=one.projects.assign(consortium_id="联合体一")) for one in tables]
    with pytest.raises(PartitionError, match="技改共同体 联合体一 被分在第 1、2 个分区"):
        partitioned_budget(joint, system)


def test_other_partitions_that_cannot_be_put_together_are_refused(system, made_up):
    one = claims("rencheng", {"甲": 1e6})
    with pytest.raises(PartitionError, match="项目编号重复：甲 在第 1、2 个分区"):
        partitioned_budget([one, claims("qufu", {"甲": 1e6})], system)
    with pytest.raises(PartitionError, match="2021、2022 年"):
        partitioned_budget([one, dataclasses.replace(claims("qufu", {"乙": 1e6}), year=2022)], system)
    with pytest.raises(PartitionError, match="不能混用"):
        partitioned_budget([one, next(split(made_up, 3))], system)
    with pytest.raises(PartitionError, match="没有任何分区"):
        partitioned_budget([], system)
    with pytest.raises(ValueError, match="至少"):
        list(split(made_up, 0))


def test_a_missing_fact_names_the_partition(system):
    with pytest.raises(PartitionError, match=r"第 2 个分区（qufu）：.*注册地"):
        partitioned_budget([claims("rencheng", {"甲": 1e6}), nowhere()], system)


def test_a_pool_before_the_caps_is_refused(system, made_up, monkeypatch):
    monkeypatch.setitem(POOLED, "jining_2017_equipment__capped", None)
    with pytest.raises(PartitionError, match=r"jining_2017_equipment__capped.*不能分区计算"):
        partitioned_budget(split(made_up, 2), system)


def test_a_pool_that_asks_for_sums_of_the_city_is_refused(system, made_up, monkeypatch):
    reads = partition.Local._traced

    def traced(local, names):
        trace, found = reads(local, names)
        return trace, {name: {*keys, ("district_funds", local.year)} for name, keys in found.items()}

    monkeypatch.setattr(partition.Local, "_traced", traced)
    label = system.get_variable("district_funds").label
    with pytest.raises(PartitionError, match=rf"全市的「{label}」（district_funds），不能分区计算"):
        partitioned_budget(split(made_up, 2), tight(system))


def test_where_too_few_projects_would_travel_all_do(system, made_up, monkeypatch):
    law = tight(system)
    monkeypatch.setattr(partition.Local, "_claimants", lambda *_: numpy.arange(3))
    found = partitioned_budget(split(made_up, 3), law)
    assert found.record["projects_sent"] == len(made_up)
    assert_equal(found, budget(made_up, law))


def test_only_projects_with_a_claim_travel(system, made_up):
    found = partitioned_budget(split(made_up, 3), system)
    promised = budget(made_up, system).claims["row"].nunique()
    assert promised <= found.record["projects_sent"] <= promised + 3
    assert found.record["partitions"] == 3
    assert promised < 0.8 * len(made_up)
