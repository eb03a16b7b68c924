"""What must hold for every population, law and reading. ``--hypothesis-profile=proof`` tries many more."""

from __future__ import annotations

import functools
import itertools

import numpy
import pandas
import pytest
from claims import LINES, SUPPLY, before_pools, populations, readings_of, stages, with_facts
from hypothesis import assume, given
from hypothesis import strategies as some

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import LEDGER, budget, to_fen_signed
from openfisca_jining.analysis.scenarios import ScenarioRunner
from openfisca_jining.instruments import FUNDS, INSTRUMENTS
from openfisca_jining.law import find, leaves
from openfisca_jining.population import Population
from openfisca_jining.reforming import reform_modules, reformed

LAW = reformed(CountryTaxBenefitSystem(), supply=list(SUPPLY.items()))
READINGS = readings_of(LAW)
#: Caps per enterprise and year: instruments that share it -> path.
CAPS = {
    ("jining_2017_equipment",): "jining_2017.equipment.cap_per_enterprise",
    ("jining_2017_robots",): "jining_2017.robots.cap_per_enterprise",
    ("jining_2017_special_robots",): "jining_2017.robots.special_cap_per_enterprise",
    ("yanzhou_2020_equipment",): "yanzhou_2020.equipment.cap_per_enterprise",
    ("yanzhou_2020_robots",): "yanzhou_2020.robots.cap_per_enterprise",
    ("yanzhou_2020_informatisation",): "yanzhou_2020.informatisation.cap_per_enterprise",
}
#: The fact that an instrument's rate is applied to, and what makes the base of it.
BASES = {
    "jining_2017_equipment": ("equipment_investment",),
    "yanzhou_2020_equipment": ("equipment_investment",),
    "yanzhou_2020_robots": ("equipment_investment",),
    "yanzhou_2020_informatisation": ("informatisation_investment",),
    "zaozhuang_2020_equipment": ("equipment_investment",),
    "zaozhuang_2020_loan_interest": ("loan_interest_paid",),
    "jining_2020_special_fund": ("special_fund_claim",),
    "jining_2017_zone_pool": ("assessed_award",),
}
#: The one reading under which awards may exceed what was claimed: 2000 万元「每年用完」.
COMMITTED = ("jining_2017.readings.zone_pool_scope", "citywide_committed")
#: Numbers of the law that a what-if moves, with values around them.
CHANGES = {
    "jining_2017.equipment.rate": [0.0, 0.01, 0.04],
    "jining_2017.equipment.cap_per_enterprise": [0.0, 1_234_567.89, 5e6],
    "jining_2017.robots.rate": [0.02, 0.08],
    "jining_2020.special_fund.amount": [1e6, 3e8],
    "jining_2017.zone_pool.amount": [1e5, 4e7],
    "yanzhou_2020.equipment.rate": [0.0, 0.05],
    "yanzhou_2020.equipment.minimum_investment": [1e6, 5_000_000.01, 1e7],
    "yanzhou_2020.robots.cap_per_enterprise": [1e5, 3e6],
    "yanzhou_2020.consortium.cap": [1e5, 3e6],
    "yanzhou_2020.uplift.points": [0.0, 0.02],
    "zaozhuang_2020.equipment.rate": [0.05, 0.2],
    "zaozhuang_2020.loan_interest.rate": [0.25, 1.0],
}
change = some.sampled_from([(path, value) for path, values in CHANGES.items() for value in values])


@functools.cache
def law_read(readings):
    """The law under readings (pairs); reforms of systems are kept, they take longer than a small population."""
    return reformed(LAW, readings=readings) if readings else LAW


def by_enterprise(population, fen) -> numpy.ndarray:
    return numpy.bincount(population.enterprise_number, fen, minlength=len(population.enterprises)).astype(numpy.int64)


@given(populations(), READINGS)
def test_nobody_is_paid_less_than_nothing_and_no_stage_gives_more_than_the_one_before(population, readings):
    for name, found in stages(population, law_read(readings)).items():
        for stage, fen in found.items():
            assert (fen >= 0).all(), (name, stage)
        if COMMITTED in readings and name == "jining_2017_zone_pool":
            continue
        for before, after in itertools.pairwise(found.values()):
            # 一个项目可以因另一个项目放弃而多得，企业合计不会
            assert (by_enterprise(population, after) <= by_enterprise(population, before)).all(), name


@given(populations())
def test_nobody_is_paid_above_the_cap(population):
    found = stages(population, LAW)
    for names, path in CAPS.items():
        cap = max(value.value or 0 for value in find(LAW.parameters, path).values_list)
        paid = by_enterprise(population, sum(found[name]["paid"] for name in names))
        assert (paid <= round(cap * 100)).all(), names
    joint = population.simulation(LAW).populations["consortium"]
    paid = numpy.bincount(joint.members_entity_id, found["yanzhou_2020_consortium"]["paid"])
    assert (paid <= 100_000_000).all()


@given(populations(), READINGS)
def test_nobody_is_paid_more_than_was_spent_or_claimed(population, readings):
    assume(not any(value == "gross_of_vat" for _, value in readings))
    found = stages(population, law_read(readings))
    for name, facts in BASES.items():
        spent = sum(to_fen_signed(population.projects[fact]) for fact in facts)
        if name == "jining_2017_zone_pool" and readings:
            continue  # 有的读法按项目平分，不看评定额
        assert (by_enterprise(population, found[name]["paid"]) <= by_enterprise(population, spent)).all(), name


@given(
    populations(enterprises=some.just(1), projects=some.just(1)),
    some.sampled_from(
        ["equipment_investment", "informatisation_investment", "loan_interest_paid", "special_fund_claim"]
    ),
    some.one_of(some.sampled_from([1, *LINES]), some.integers(1, 5_000_000_000)),
)
def test_whoever_invests_more_gets_no_less(population, fact, more):
    """One project, default readings. With partners it may be less: 四.3 asks for half of the money from SMEs."""
    raised = with_facts(population, {fact: (to_fen_signed(population.projects[fact]) + more) / 100})
    assert before_pools(raised, LAW).sum() >= before_pools(population, LAW).sum()


@given(populations(), READINGS, some.randoms(use_true_random=False))
def test_the_order_of_rows_changes_nobodys_grant(population, readings, random):
    system = law_read(readings)
    rows = random.sample(range(len(population)), len(population))
    turned = Population(
        population.year,
        population.projects.iloc[rows].reset_index(drop=True),
        population.enterprises.iloc[::-1].reset_index(drop=True),
    )
    once, again = before_pools(population, system).sum(axis=0), before_pools(turned, system).sum(axis=0)
    # 同一企业的几个项目得益相同时取表中在前的，所以比企业合计
    assert (by_enterprise(population, once) == by_enterprise(turned, again)[::-1]).all()


@given(populations(), populations(), READINGS)
def test_strangers_and_parts_change_nobodys_grant(population, strangers, readings):
    system = law_read(readings)
    others = strangers.projects.assign(
        project_id="x" + strangers.projects["project_id"],
        enterprise_id="x" + strangers.projects["enterprise_id"],
        consortium_id=strangers.projects["consortium_id"].map(lambda name: name and "x" + name),
        application_date=population.projects["application_date"].iloc[0],
    )
    firms = strangers.enterprises.assign(enterprise_id="x" + strangers.enterprises["enterprise_id"])
    together = Population(
        population.year,
        pandas.concat([population.projects, others], ignore_index=True),
        pandas.concat([population.enterprises, firms], ignore_index=True),
    )
    alone = before_pools(population, system)
    assert (before_pools(together, system)[:, : len(population)] == alone).all()


@given(populations(), READINGS)
def test_the_ledger_adds_up_and_pools_are_neither_overspent_nor_kept(population, readings):
    found = budget(population, law_read(readings))
    fen = {name: to_fen_signed(found.claims[name]) for name in LEDGER}
    taken = sum(fen[name] for name in LEDGER if name != "promised")
    assert (fen["promised"] == taken).all()
    for _, fund in found.funds.iterrows():
        assert round(fund["paid"] * 100) <= round(fund["available"] * 100)
        assert fund["paid"] <= fund["claimed"] or COMMITTED in readings
    if not readings:  # 同比例分配：要么付清，要么用完
        for _, fund in found.funds.iterrows():
            assert round(fund["paid"] * 100) == min(round(fund["available"] * 100), round(fund["claimed"] * 100))


@given(populations(years=some.just(2021)), some.integers(1, 10**9))
def test_a_short_fund_is_spent_to_the_fen(population, fen):
    short = reformed(LAW, changes=[("jining_2020.special_fund.amount", fen / 100, "2021-01-01")])
    found = budget(population, short).funds.set_index("fund")
    for _, fund in found.iterrows():
        assert round(fund["paid"] * 100) == min(round(fund["available"] * 100), round(fund["claimed"] * 100))


@given(populations(years=some.sampled_from([2021, 2022])))
def test_consortium_shares_are_the_grant(population):
    """Whoever may take part shares min(cap, rate x joint investment); what class D is not paid goes to nobody."""
    plain = with_facts(
        population,
        {"consortium_id": "c"},
        {"yield_per_mu_class": "B", "tier_listed": False, "county": "yanzhou", "creditworthy": True},
    )
    found = stages(plain, LAW)["yanzhou_2020_consortium"]
    simulation = plain.simulation(LAW)
    year = str(plain.year)
    joint = round(float(simulation.calculate("yanzhou_2020_consortium__joint_investment", year)[0]) * 100)
    qualifies = bool(simulation.calculate("yanzhou_2020_consortium__qualifies", year)[0])
    promised = (joint * 3 + 50) // 100 if qualifies else 0
    assert found["promised"].sum() == pytest.approx(promised, abs=len(plain.enterprises))
    assert found["capped"].sum() == min(int(found["promised"].sum()), 100_000_000)


@given(populations(), some.sampled_from(reform_modules()), change)
def test_a_reform_leaves_the_baseline_as_it_is(population, module, moved):
    before = before_pools(population, LAW)
    reform = reformed(LAW, reforms=[module], changes=[(*moved, f"{population.year}-01-01")])
    before_pools(population, reform)
    assert (before_pools(population, LAW) == before).all()


@given(populations(), some.lists(change, min_size=1, max_size=4, unique_by=lambda one: one[0]), some.integers(1, 12))
def test_a_reform_and_its_inverse_are_the_baseline(population, moved, month):
    day = f"{population.year}-{month:02}-01"
    there = reformed(LAW, changes=[(path, value, day) for path, value in moved])
    back = reformed(there, changes=[(path, find(LAW.parameters, path).get_at_instant(day), day) for path, _ in moved])
    for path, _ in moved:  # 该日之后文件自身再无变动的参数
        later = [at for at in find(LAW.parameters, path).values_list if at.instant_str > day]
        assume(not later)
    assume(all(find(LAW.parameters, path).get_at_instant(day) is not None for path, _ in moved))
    once, again = stages(population, LAW), stages(population, back)
    for name, stage in itertools.product(INSTRUMENTS, ("promised", "capped", "chosen", "paid")):
        assert (once[name][stage] == again[name][stage]).all(), (name, stage)


@given(populations(), some.lists(change, min_size=1, max_size=4, unique_by=lambda one: one[0]))
def test_scenarios_are_simulations(population, moved):
    start = f"{population.year}-01-01"
    names = [path for path, _ in moved]
    changes = {path: [value, CHANGES[path][0]] for path, value in moved}
    found = ScenarioRunner(population, LAW, start).totals(changes)
    for number in range(2):
        law = reformed(LAW, changes=[(path, changes[path][number], start) for path in names])
        paid = [int(one["paid"].sum()) for one in stages(population, law).values()]
        assert found.fen[number].ravel().tolist() == paid


#: Facts that belong to one document's clauses: raising them leaves what others promise as it is.
OWN_FACTS = {
    "informatisation_investment": "yanzhou_2020",
    "loan_interest_paid": "zaozhuang_2020",
    "special_fund_claim": "jining_2020",
    "assessed_award": "jining_2017",
    "intelligent_system_investment": "jining_2017",
}


@given(populations(), some.sampled_from(sorted(OWN_FACTS)), some.integers(1, 5_000_000_000))
def test_a_fact_of_one_document_never_moves_what_others_promise(population, fact, more):
    before = stages(population, LAW)
    facts = {fact: (to_fen_signed(population.projects[fact]) + more) / 100}
    after = stages(with_facts(population, facts), LAW)
    for name in INSTRUMENTS:
        if not name.startswith(OWN_FACTS[fact]):
            for stage in ("promised", "capped"):
                assert (before[name][stage] == after[name][stage]).all(), (fact, name)


@given(populations(years=some.just(2021)))
def test_places_never_touch_each_other(population):
    """Enterprises of Zaozhuang get what they get, whatever Jining's claim."""
    before = stages(population, LAW)
    here = population.enterprises["county"].isin(["tengzhou", "xuecheng"]).to_numpy()[population.enterprise_number]
    alone = population.projects["consortium_id"].eq("").to_numpy()
    moved = population.projects["equipment_investment"].where(here, population.projects["equipment_investment"] + 1e7)
    after = stages(with_facts(population, {"equipment_investment": moved}), LAW)
    for name in INSTRUMENTS:
        assert (before[name]["chosen"][here & alone] == after[name]["chosen"][here & alone]).all(), name


def test_every_fund_and_cap_of_the_law_is_among_those_tried():
    """A new document brings its own caps and funds: they must enter the properties."""
    known = set(CAPS.values()) | {"yanzhou_2020.consortium.cap"} | {fund.amount for fund in FUNDS}
    caps = {
        one.name
        for one in leaves(LAW.parameters)
        if one.name.endswith(("cap_per_enterprise", ".cap")) and not one.metadata.get("unstated")
    }
    assert caps <= known, caps - known
