"""Whether a saved budget still holds: same data, same law, same figures."""

from __future__ import annotations

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import LEDGER, budget
from openfisca_jining.population import Population
from openfisca_jining.readings import ALWAYS, reform_of
from openfisca_jining.reforming import reformed


def verify(saved: dict, population: Population) -> list[str]:
    """Recompute a budget from its run record.

    :param saved: what ``budget --out result.json`` wrote (``Budget.to_json``). :param population: the data it was made from.
    :returns: what does not hold, one Chinese sentence each; empty if the result still holds.
    """
    record = saved["record"]
    findings = []
    if population.content_hash() != record["data_sha256"]:
        findings.append(f"数据不同：现在的摘要是 {population.content_hash()}，记录是 {record['data_sha256']}。")
    law = reformed(CountryTaxBenefitSystem(), reforms=record.get("reform_modules", ()))
    changes = [(one["parameter"], one["reform"], one["date"]) for one in record["changes"]]
    known = {one["parameter"] for one in record["changes"]}
    changes += [(path, value, ALWAYS) for path, value in record["readings"].items() if path not in known]
    system = reform_of("运行记录中的改动", sorted(changes, key=lambda one: one[2]))(law)
    again = budget(population, system)
    for key in ("package", "openfisca_core", "numpy"):
        if again.record[key] != record[key]:
            findings.append(f"版本不同：{key} 现在是 {again.record[key]}，记录是 {record[key]}。")
    rows = {row["instrument"]: row for row in again.to_pandas().to_dict("records")}
    for old in saved["ledger"]:
        new = rows.pop(old["instrument"], None)
        if new is None:
            findings.append(f"「{old['instrument']}」现在没有金额，记录实付 {old['paid']:.2f} 元。")
            continue
        findings += [
            f"「{old['instrument']}」{heading}：现在 {new[name]:.2f} 元，记录 {old[name]:.2f} 元。"
            for name, heading in LEDGER.items()
            if round(new[name] * 100) != round(old[name] * 100)
        ]
    findings += [f"「{name}」现在实付 {row['paid']:.2f} 元，记录没有这一项。" for name, row in rows.items()]
    return findings
