"""What a population's claims cost: totals, and the ledger of what each constraint took."""

from __future__ import annotations

import itertools
from dataclasses import dataclass, replace

import numpy
import pandas

from openfisca_jining.analysis.record import run_record
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.law import find, leaves
from openfisca_jining.money import to_fen, to_yuan
from openfisca_jining.population import Population

#: Columns of the ledger in yuan and their Chinese headings. On every row, to the fen: the first is the sum of the others.
LEDGER = {
    "promised": "按比例应得",
    "enterprise_cap": "企业限额",
    "consortium_cap": "共同体限额",
    "choose_one": "择一",
    "no_double_funding": "不重复奖补",
    "one_application": "一年一个",
    "pool": "资金池",
    "paid": "实付",
}
FUND_HEADINGS = {
    "fund": "资金",
    "payer": "付款财政",
    "available": "可用",
    "claimed": "申请",
    "paid": "支付",
    "left": "余额（不结转）",
    "rule": "超出时的办法",
}
#: What a result can be broken down by: name -> Chinese heading.
DIMENSIONS = {
    "document": "文件",
    "instrument": "政策工具",
    "payer": "付款财政",
    "county": "县（市、区）",
    "yield_per_mu_class": "亩产效益评价",
    "enterprise_size": "企业规模",
    "cluster": "产业集群",
    "enterprise": "企业",
}


@dataclass(frozen=True)
class Budget:
    """Cost of one year's claims.

    :ivar claims: one row per project and instrument with any money promised: ids, county, instrument, document, payer,
        and the :data:`LEDGER` columns in yuan (weighted by the enterprise's sample weight).
    :ivar unstated: quantities the texts leave unstated: parameter, label, clause. Shown as 文件未定, never as 0.
    :ivar funds: pools that hold money in the year: label, payer, available, claimed, paid, left (yuan), rule (Chinese).
    :ivar record: the run record (see ``analysis.record``).
    """

    year: int
    claims: pandas.DataFrame
    unstated: pandas.DataFrame
    funds: pandas.DataFrame
    record: dict

    @property
    def total(self) -> float:
        """Everything paid, yuan."""
        return self.ledger()["paid"].sum()

    @property
    def enterprises_paid(self) -> int:
        """Number of enterprises in the table that are paid anything."""
        return int(self.claims.loc[self.claims["paid"] > 0, "enterprise_id"].nunique())

    @property
    def average(self) -> float:
        """Paid per enterprise that is paid anything, yuan (0 if nobody is)."""
        return self.total / self.enterprises_paid if self.enterprises_paid else 0.0

    def by(self, *dimensions: str) -> pandas.DataFrame:
        """Ledger by any of :data:`DIMENSIONS`, with numbers of projects and enterprises paid. Sums are exact to the fen.

        :raises KeyError: no such dimension.
        """
        for dimension in dimensions:
            if dimension not in DIMENSIONS:
                raise KeyError(f"不能按「{dimension}」分组。可选：{'、'.join(DIMENSIONS)}。")
        fen = self.claims.assign(**{name: to_fen_signed(self.claims[name]) for name in LEDGER})
        paid = fen["paid"] > 0
        fen["projects_paid"] = fen["project_id"].where(paid)
        fen["enterprises_paid"] = fen["enterprise_id"].where(paid)
        fen["at_cap"] = fen["enterprise_id"].where(fen["enterprise_cap"] + fen["consortium_cap"] > 0)
        how = dict.fromkeys(LEDGER, "sum") | dict.fromkeys(("projects_paid", "enterprises_paid", "at_cap"), "nunique")
        keys = ["enterprise_id" if dimension == "enterprise" else dimension for dimension in dimensions]
        table = fen.groupby(keys, sort=False).agg(how)
        for name in LEDGER:
            table[name] = to_yuan(table[name].to_numpy())
        return table

    def ledger(self) -> pandas.DataFrame:
        """Ledger by instrument (yuan), in the order of ``instruments.INSTRUMENTS``."""
        return self.by("instrument")

    def to_pandas(self) -> pandas.DataFrame:
        """Ledger by document, payer and instrument as a flat table."""
        return self.by("document", "payer", "instrument").reset_index()

    def to_json(self) -> dict:
        """Totals, ledger, unstated lines and run record, JSON-ready; money in yuan."""
        return {
            "year": self.year,
            "total_paid": round(self.total, 2),
            "ledger": self.to_pandas().to_dict("records"),
            "funds": self.funds.to_dict("records"),
            "unstated": self.unstated.to_dict("records"),
            "record": self.record,
        }


def to_fen_signed(amount) -> numpy.ndarray:
    """Whole fen of amounts that may be negative (differences)."""
    amount = numpy.asarray(amount, dtype=numpy.float64)
    return numpy.where(amount < 0, -to_fen(-numpy.minimum(amount, 0.0)), to_fen(numpy.maximum(amount, 0.0)))


def budget(population: Population, system) -> Budget:
    """Compute the cost of a population's claims under a system (reformed or not).

    :raises MissingFact, BadFact, UnstatedParameter: the facts or the parameters do not suffice; the message is Chinese.
    """
    simulation = population.simulation(system)
    year = str(population.year)
    enterprise = population.enterprise_number
    projects = simulation.populations["project"]
    weight = projects.enterprise("weight", year) if len(population) else numpy.zeros(0)
    frames = []
    for instrument in instruments(system):
        steps = ledger_steps(instrument, simulation, year, weight)
        rows = numpy.flatnonzero((steps[0] != 0) | (steps[-1] != 0))
        if not len(rows):
            continue
        frames.append(
            pandas.DataFrame(
                {
                    "project_id": population.projects["project_id"].to_numpy()[rows],
                    "enterprise_id": population.projects["enterprise_id"].to_numpy()[rows],
                    "row": rows,
                    "enterprise_row": enterprise[rows],
                    "instrument": instrument.label,
                    "document": instrument.document,
                    "payer": instrument.payer,
                }
                | {name: step[rows] for name, step in zip(LEDGER, steps, strict=True)}
            )
        )
    columns = ["project_id", "enterprise_id", "row", "enterprise_row", "instrument", "document", "payer", *LEDGER]
    claims = pandas.concat(frames, ignore_index=True) if frames else pandas.DataFrame(columns=columns)
    claims = claims.assign(**traits(population, simulation, claims["enterprise_row"].to_numpy(dtype=int)))
    funds = funds_of(simulation, system, year, weight)
    return Budget(population.year, claims, unstated_lines(system), funds, run_record(population, system))


def ledger_steps(instrument, simulation, year: str, weight) -> tuple[numpy.ndarray, ...]:
    """The :data:`LEDGER` columns of one instrument on every project, in their order (yuan, weighted). :param weight: of each project."""
    stages = [weight * simulation.calculate(name, year) for name in instrument.stages]
    cap, *taken = (before - after for before, after in itertools.pairwise(stages))
    nothing = numpy.zeros(len(cap))
    caps = (nothing, cap) if instrument.by_consortium else (cap, nothing)
    return stages[0], *caps, *taken, stages[-1]


def funds_of(simulation, system, year: str, weight) -> pandas.DataFrame:
    """Use of every pool that holds money in the year. What is left is not carried over (see the readings of each pool)."""
    rows = []
    for fund in FUNDS:
        available = float(simulation.calculate(fund.available, year).max(initial=0.0))
        if not available:
            continue
        claimed, paid = (
            to_yuan(sum(to_fen_signed(weight * simulation.calculate(name, year)).sum() for name in names)).item()
            for names in (fund.claimed, fund.paid)
        )
        rule = find(system.parameters, fund.rule)
        rows.append(
            {
                "fund": fund.label,
                "payer": fund.payer,
                "available": available,
                "claimed": claimed,
                "paid": paid,
                "left": round(max(available - paid, 0.0), 2),
                "rule": rule.metadata["readings"][rule.values_list[0].value],
            }
        )
    return pandas.DataFrame(rows, columns=list(FUND_HEADINGS))


def traits(population, simulation, enterprise_rows) -> dict[str, numpy.ndarray]:
    """County, class and size of the enterprise of each row, in Chinese. A trait nobody stated is 未填写."""
    result = {}
    for name in ("county", "yield_per_mu_class", "cluster"):
        variable = simulation.tax_benefit_system.get_variable(name)
        words = numpy.array([member.value for member in variable.possible_values])
        if name in population.enterprises:
            result[name] = words[numpy.asarray(simulation.calculate(name, str(population.year)))][enterprise_rows]
        else:
            result[name] = numpy.full(len(enterprise_rows), "未填写")
    result["enterprise_size"] = sizes(population, simulation)[enterprise_rows]
    return result


def sizes(population: Population, simulation) -> numpy.ndarray:
    """Size of every enterprise in Chinese; 未填写 where staff or revenue is not stated (a grant that needs them asks itself)."""
    table = population.enterprises
    columns = ["employees", "revenue"]
    unknown = numpy.full(len(table), "未填写", dtype=object)
    if not set(columns) <= set(table.columns):
        return unknown
    known = table[columns].notna().all(axis=1).to_numpy()
    if not known.all():
        filled = replace(population, enterprises=table.assign(**{name: table[name].fillna(0) for name in columns}))
        simulation = filled.simulation(simulation.tax_benefit_system)
    variable = simulation.tax_benefit_system.get_variable("enterprise_size")
    words = numpy.array([member.value for member in variable.possible_values], dtype=object)
    return numpy.where(
        known, words[numpy.asarray(simulation.calculate("enterprise_size", str(population.year)))], unknown
    )


def unstated_lines(system) -> pandas.DataFrame:
    """Parameters that the texts leave unstated and nobody has supplied: parameter, label, clause, document."""
    rows = [
        {
            "document": parameter.name.split(".")[0],
            "clause": parameter.metadata["clause"],
            "label": parameter.metadata["label"],
            "parameter": parameter.name,
        }
        for parameter in leaves(system.parameters)
        if parameter.metadata.get("unstated") and all(at.value is None for at in parameter.values_list)
    ]
    table = pandas.DataFrame(rows, columns=["document", "clause", "label", "parameter"])
    return table.sort_values(["document", "parameter"], ignore_index=True)
