"""What a memo rests on: clauses relied on, readings taken, what is left unstated, data, method, limits and run record."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property

import pandas

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import Budget, to_fen_signed
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.analysis.explain import declared
from openfisca_jining.analysis.readings import MOVES, REFUSED, SHIFTS, Spread, readings_of
from openfisca_jining.clauses.register import clauses, documents
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.law import leaves
from openfisca_jining.money import to_yuan
from openfisca_jining.report.charts.readings import change
from openfisca_jining.report.memo.parts import Draft
from openfisca_jining.report.words import RECORD, parameter_title

MADE_UP = "合成数据，非实际申报"
#: Lines of the run record that are shown.
RECORD_LINES = (
    "package",
    "openfisca_core",
    "numpy",
    "python",
    "year",
    "source",
    "data_sha256",
    "reforms",
    "reform_modules",
)


class Grounds:
    """The sections of a memo that say what its figures rest on.

    :ivar before, after: budgets under current and reformed law (the same one if there is no reform). :ivar spreads: see ``content.memo``.
    """

    def __init__(self, result: Comparison | Budget, spreads: Sequence[Spread]) -> None:
        self.comparison = result if isinstance(result, Comparison) else None
        self.before: Budget = result.baseline if isinstance(result, Comparison) else result
        self.after: Budget = result.reform if isinstance(result, Comparison) else result
        self.record, self.spreads = result.record, tuple(spreads)
        self.law = CountryTaxBenefitSystem()
        self.parameters = {parameter.name: parameter for parameter in leaves(self.law.parameters)}
        self.entries = {entry["id"]: entry for entry in clauses()}
        self.draft = Draft()

    # ----- law -----

    @cached_property
    def _with_money(self) -> list[str]:
        """Names of the instruments with money promised or paid under either law."""
        labels = {label for one in (self.before, self.after) for label in one.claims["instrument"]}
        return [one.name for one in instruments(self.law) if one.label in labels]

    @cached_property
    def _moved(self) -> list[str]:
        """Names of the instruments in which anything moves; of a budget, or where nothing does, all with money."""
        if self.comparison is None:
            return self._with_money
        table = self.comparison.ledger_change()
        labels = set(table.index[(table != 0).any(axis=1)])
        return [one.name for one in instruments(self.law) if one.label in labels] or self._with_money

    @cached_property
    def _funds(self) -> list[str]:
        """Pools that somebody claims from under either law."""
        claimed = pandas.concat([one.funds[one.funds["claimed"] > 0] for one in (self.before, self.after)])
        return list(dict.fromkeys(claimed["fund"]))

    def _fund_clauses(self) -> list[str]:
        amounts = {one.label: one.amount for one in FUNDS}
        return [clause for fund in self._funds for clause in listed_clauses(self.parameters[amounts[fund]])]

    def _changed_clauses(self) -> list[str]:
        changed = (self.parameters.get(one["parameter"]) for one in self.after.record["changes"])
        return [clause for parameter in changed if parameter for clause in listed_clauses(parameter)]

    def _clauses(self) -> None:
        draft, about = self.draft, documents()
        wanted = {clause for name in self._with_money for clause in _cited(declared()["instruments"][name])}
        wanted |= {*self._fund_clauses(), *self._changed_clauses()}
        used = [entry for entry in self.entries.values() if entry["id"] in wanted]
        draft.heading(1, "依据的文件和条款")
        papers = list(dict.fromkeys(entry["document"] for entry in used))
        rows = [
            (about[one]["short"], about[one]["title"], about[one]["number"] or "—", str(about[one]["date"]))
            for one in papers
        ]
        draft.table("依据的文件", ("简称", "标题", "文号", "日期"), rows, left=4, widths=(22, 70, 38, 26))
        draft.say("下表只列本测算用到的条款，内容是条款登记册的概述，不是原文；以原文为准。")
        lines = [(self._places([entry["id"]]), entry["id"], entry["summary"]) for entry in used]
        draft.table("依据的条款", ("条款", "登记号", "内容"), lines, left=3, widths=(42, 32, 82))

    def _places(self, ids: Iterable[str]) -> str:
        """Where clauses are written: short name of the document and place."""
        about = documents()
        known = [self.entries[one] for one in ids if one in self.entries]
        return "；".join(f"{about[entry['document']]['short']} {entry['locator']}" for entry in known)

    def _readings(self) -> None:
        draft = self.draft
        draft.heading(1, "采用的读法")
        if self.spreads:
            self._spreads()
        else:
            self._readings_taken()

    def _readings_taken(self) -> None:
        ids = [clause for name in self._moved for clause in declared()["instruments"][name]["clauses"]]
        ids += [*self._fund_clauses(), *self._changed_clauses()]
        core = [entry for entry in self.entries.values() if entry["id"] in set(ids)]
        taken, rows = self.after.record["readings"], []
        for reading in readings_of(self.law):
            mine = [entry["id"] for entry in core if reading.path in entry["readings"]]
            value = taken[reading.path]
            if mine or value != next(iter(reading.words)):
                sign = "" if value == next(iter(reading.words)) else "（非缺省）"
                rows.append((_some(mine or reading.clauses), reading.title, reading.words[value] + sign))
        which = "金额有变动的政策工具" if self.comparison and self._moved != self._with_money else "有金额的政策工具"
        draft = self.draft
        draft.say(
            f"条文不明之处须先取定读法才能计算。下表是{which}和资金池所依条款涉及的 {len(rows)} 项，其余读法的取值见随附的 .json。"
            "读法不是有权机关的解释；换取法使金额变动多少，可加 --readings 逐一测算。"
        )
        draft.table("采用的读法", ("登记号", "不明之处", "采用的读法"), rows, left=3, widths=(46, 60, 50))

    def _spreads(self) -> None:
        draft = self.draft
        tables = [one.alternatives.set_index(["reading", "value"]) for one in self.spreads]
        money = pandas.concat(
            [table["difference"] for table in tables], axis=1, keys=("before", "after")[: len(tables)]
        )
        money = money[pandas.concat([table["effect"] == MOVES for table in tables], axis=1).any(axis=1)]
        if len(tables) == 2:
            money["difference"] = (money["after"] - money["before"]).round(2)
        size = money.abs().fillna(0.0)
        money = money.loc[size.sort_values([*size.columns[::-1]], ascending=False, kind="stable").index]
        about = {reading.name: reading for reading in self.spreads[0].readings}
        rows = []
        for (name, value), moved in zip(money.index.tolist(), money.to_numpy().tolist(), strict=True):
            reading = about[name]
            texts = (f"{reading.title}（{_some(reading.clauses)}）", reading.words[reading.taken], reading.words[value])
            rows.append((*texts, *(change(one) if one == one else "—" for one in moved)))
        draft.say(
            f"条文不明之处须先取定读法才能计算。逐一换成另一种取法，{len(about)} 个读法中有 {len({name for name, _ in money.index})} 个会使合计变动，"
            "列于下表（一次只换一个，其余不动；几个同换的结果不是各自之和）。"
            f"另有 {len(self.spreads[-1].having(SHIFTS))} 种取法合计不变、只改变分给谁，{len(self.spreads[-1].having(REFUSED))} 种因文件未定或"
            "申报表缺少所需事实而不能计算。读法不是有权机关的解释。"
        )
        sides = ("现行支出变动", "改革支出变动", "差额变动") if len(self.spreads) == 2 else ("支出变动",)
        widths = (52, 28, 28, *((20, 20, 18) if len(sides) == 3 else (26,)))
        draft.table("换取法使合计变动的读法", ("不明之处（条款）", "现取", "改取", *sides), rows, left=3, widths=widths)

    def _unstated(self) -> None:
        draft = self.draft
        papers = {"_".join(name.split("_")[:2]) for name in self._with_money}
        lines = self.after.unstated.to_dict("records")
        mine = [line for line in lines if line["document"] in papers]
        draft.heading(1, "文件未定的数额")
        draft.say(
            f"下列 {len(mine)} 项数额文件没有写明，也没有人提供，未计入合计，也不等于 0。其他文件另有 {len(lines) - len(mine)} 项，见随附的 .json。"
            if mine
            else "本测算涉及的文件没有未写明的数额。"
        )
        if mine:
            unstated = []
            for line in mine:
                words = f"{self._group(line['parameter'])}{line['label']}"
                unstated.append((self._places([line["clause"]]), line["clause"], words))
            draft.table("文件未定的数额", ("条款", "登记号", "未写明的数额"), unstated, left=3, widths=(56, 34, 66))

    def _group(self, path: str) -> str:
        parameter = self.parameters[path]
        return parameter_title(self.law, parameter).removesuffix(parameter.metadata["label"])

    # ----- how it was computed -----

    def _method(self) -> None:
        draft, record = self.draft, self.record
        draft.heading(1, "数据和方法")
        kind = f"{MADE_UP}。" if record["synthetic"] else ""
        draft.say(
            f"数据：{record['source']}，{record['year']} 年度 {record['projects']} 个项目、{record['enterprises']} 家企业。{kind}"
        )
        for note in record["notes"]:
            draft.say(str(note))
        draft.say(
            "方法：用 openfisca-jining 把条文写成的公式逐项目计算。每个项目按申报日有效的条文；依次计算符合条件与否、基数、比例、"
            "企业或共同体限额、择一、不重复奖补、一年一个和资金池分配；金额以元计、取整到分，按台账逐行核对相等。"
        )
        draft.say("企业可以选择的（申报哪一项、哪一个项目），按对企业最有利的选择计算。")
        if self.comparison:
            draft.say("现行与改革用同一批申报计算，差额 = 改革实付 - 现行实付。")
        for remark in record["remarks"]:
            draft.say(f"程序对改革写法的提示：{remark}")

    def _limits(self) -> None:
        draft = self.draft
        draft.heading(1, "局限")
        labels = {one.name: one.label for one in instruments(self.law)}
        said = [
            "静态测算：假定企业的投资、申报时间和申报内容不因政策改变。",
            "只按申报表所列事实计算；事实是否真实、项目是否通过审核和公示，由主管部门认定。",
            f"合计只包括逐项目计算的政策工具，本次有金额的是：{'、'.join(labels[name] for name in self._with_money) or '无'}；"
            "文件中只写目标、程序或没有数额的条款不在其中。",
            "文件未定的数额未计入；读法是计算所取，不是有权机关的解释。",
        ]
        if self.record["synthetic"]:
            said.append("数据是虚构的，金额不能当作实际支出的估计。")
        for place, text in enumerate(said, start=1):
            draft.say(f"{place}. {text}")

    def _record(self) -> None:
        draft, record = self.draft, self.record
        draft.heading(1, "运行记录")
        draft.say(
            "凭下列记录和随附的 .json 可以重新算出同样的结果：openfisca-jining verify 随附的.json --data 申报表（合成数据不用 --data）。"
        )
        rows = []
        for key in RECORD_LINES:
            value = record[key]
            text = "；".join(str(one) for one in value) if isinstance(value, list) else str(value)
            rows.append((RECORD[key], text or "无"))
        rows += [("改革文件", f"{one['file']}（SHA-256 {one['sha256']}）") for one in record["reform_files"]]
        default = {reading.path: next(iter(reading.words)) for reading in readings_of(self.law)}
        other = [f"{path}={value}" for path, value in record["readings"].items() if default.get(path) != value]
        rows.append(("非缺省的读法", "；".join(other) or "无"))
        draft.table("运行记录", ("项目", "内容"), rows, left=2, widths=(52, 104))


def listed_clauses(parameter) -> list[str]:
    """Register ids of a parameter."""
    found = parameter.metadata.get("clause", [])
    return [found] if isinstance(found, str) else list(found)


def _some(ids: Sequence[str]) -> str:
    """The first register id, and how many there are."""
    return ids[0] + (f" 等 {len(ids)} 条" if len(ids) > 1 else "")


def _cited(node) -> Iterator[str]:
    """Register ids anywhere in an entry of ``clauses/conditions.yaml``."""
    if isinstance(node, dict):
        for key, value in node.items():
            if key == "clause":
                yield value
            elif key == "clauses":
                yield from value
            else:
                yield from _cited(value)
    elif isinstance(node, list):
        for value in node:
            yield from _cited(value)


def yuan(money) -> float:
    """Sum of amounts in yuan, exact to the fen."""
    return float(to_yuan(to_fen_signed(list(money)).sum()))
