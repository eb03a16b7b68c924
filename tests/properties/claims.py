"""Small populations for hypothesis: every fact that moves money, amounts often on a line of the law or a fen beside it."""

from __future__ import annotations

import datetime

import numpy
import pandas
from hypothesis import strategies as some

from openfisca_jining.analysis.budget import to_fen_signed
from openfisca_jining.instruments import INSTRUMENTS, STAGES, instruments
from openfisca_jining.law import leaves
from openfisca_jining.population import Population

#: Whole fen: thresholds, amounts at which a cap is reached, and round sums.
LINES = [
    fen * 100
    for fen in (1_000_000, 2_000_000, 3_000_000, 5_000_000, 10_000_000, 16_666_667, 20_000_000, 33_333_333, 100_000_000)
]
YEARS = [2018, 2020, 2021, 2022, 2023]
#: Values for what the texts leave unstated, so that every reading can be computed.
SUPPLY = {
    "yanzhou_2020.special_fund.amount": 5_000_000,
    "zaozhuang_2020.equipment.minimum_investment": 5_000_000,
    "zaozhuang_2020.equipment.cap_per_enterprise": 2_000_000,
    "zaozhuang_2020.equipment.prior_rate": 0.05,
    "zaozhuang_2020.loan_interest.cap_per_enterprise": 300_000,
    "zaozhuang_2020.loan_interest.maximum_days": 200,
    "zaozhuang_2020.loan_interest.prior_rate": 0.1,
}

amounts = some.one_of(
    some.just(0),
    some.builds(lambda line, beside: line + beside, some.sampled_from(LINES), some.sampled_from([-1, 0, 1])),
    some.integers(1, 15_000_000_000),
).map(lambda fen: fen / 100)
mostly = some.sampled_from([True, True, True, True, False])
seldom = mostly.map(lambda yes: not yes)

enterprise = some.fixed_dictionaries(
    {
        "county": some.sampled_from(["yanzhou", "yanzhou", "rencheng", "tengzhou", "xuecheng"]),
        "employees": some.sampled_from([10, 299, 999, 1000]),
        "revenue": some.sampled_from([3e6, 399_999_999.99, 4e8]),
        "yield_per_mu_class": some.sampled_from(["A", "B", "C", "D", "not_graded"]),
        "tier_listed": seldom,
        "protected_hundred": seldom,
        "chain_leader": some.booleans(),
        "cluster_leader": seldom,
        "creditworthy": mostly,
    }
)
project = some.fixed_dictionaries(
    {
        "consortium_id": some.sampled_from(["", "", "c1", "c2"]),
        "consortium_lead": seldom,
        "day": some.integers(0, 364),
        "project_type": some.sampled_from(["ordinary", "zero_land"]),
        "catalogue_category": some.sampled_from(["encouraged", "encouraged", "permitted"]),
        "in_use": mostly,
        "major_project": some.booleans(),
        "development_zone": some.integers(0, 2),
        "equipment_investment": amounts,
        "robot_share": some.sampled_from([0.0, 0.0, 0.3, 1.0]),
        "special_robot_share": some.sampled_from([0.0, 0.0, 0.3, 1.0]),
        "intelligent_system_investment": amounts,
        "informatisation_investment": amounts,
        "informatisation_systems": some.integers(0, 3),
        "assessed_award": amounts,
        "special_fund_claim": amounts,
        "loan_interest_paid": amounts,
        "loan_days": some.integers(1, 366),
        "other_fiscal_money": some.sampled_from([0.0, 0.0, 0.0, 100_000.0]),
    }
)


ANY_YEAR = some.sampled_from(YEARS)
A_FEW = some.integers(1, 4)


@some.composite
def populations(draw, enterprises=A_FEW, projects=A_FEW, years=ANY_YEAR):
    """A population of a few enterprises with a few projects each."""
    year = draw(years)
    firms, claims = [], []
    for number in range(draw(enterprises)):
        firms.append({"enterprise_id": f"e{number}", **draw(enterprise)})
        for place in range(draw(projects)):
            one = draw(project)
            first = datetime.date(year, 1, 1)
            date = numpy.datetime64(first + datetime.timedelta(days=one.pop("day")), "s")
            robots = numpy.floor(one["equipment_investment"] * one.pop("robot_share") * 100) / 100
            special = numpy.floor(one["equipment_investment"] * one.pop("special_robot_share") * 100) / 100
            claims.append(
                {
                    "project_id": f"e{number}p{place}",
                    "enterprise_id": f"e{number}",
                    **one,
                    "application_date": date,
                    "robot_investment": robots,
                    "special_robot_investment": special,
                    "loan_principal": 5e6,
                }
            )
    # 同一企业在一个共同体里只有一个项目，这是填报的常例
    frame = pandas.DataFrame(claims)
    twice = frame.duplicated(["enterprise_id", "consortium_id"])
    frame["consortium_id"] = frame["consortium_id"].where(~twice, "")
    return Population(year, frame, pandas.DataFrame(firms))


def readings_of(system):
    """A law with one reading taken otherwise, or none: pairs for ``reformed(readings=...)``."""
    pairs = [
        (one.name, value) for one in leaves(system.parameters) for value in list(one.metadata.get("readings", {}))[1:]
    ]
    return some.one_of(some.just(()), some.sampled_from(pairs).map(lambda pair: (pair,)))


def stages(population, system) -> dict[str, dict[str, numpy.ndarray]]:
    """Whole fen of every project by instrument and stage of the ledger."""
    simulation = population.simulation(system)
    year = str(population.year)
    return {
        one.name: {
            stage: to_fen_signed(simulation.calculate(name, year))
            for stage, name in zip(STAGES, one.stages, strict=True)
        }
        for one in instruments(system)
    }


def before_pools(population, system) -> numpy.ndarray:
    """Whole fen by instrument and project, after all choices and before pools."""
    found = stages(population, system)
    return numpy.array([found[name]["chosen"] for name in INSTRUMENTS])


def with_facts(population, projects=None, enterprises=None) -> Population:
    """The same population with some columns replaced."""
    return Population(
        population.year,
        population.projects.assign(**(projects or {})),
        population.enterprises.assign(**(enterprises or {})),
    )
