"""The invoice sheet (发票明细): the evidence that the documents name, added up to each project's amounts to the fen."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy

from openfisca_jining.population import columns as known
from openfisca_jining.population.columns import Values
from openfisca_jining.population.problems import Problem

if TYPE_CHECKING:
    from openfisca_jining.population.read import Part

#: How the message about an invoice that is claimed twice begins; such messages come first.
CLAIMED_TWICE = "发票重复申报"
#: First year whose invoices count towards a project's cumulative equipment.
FIRST_YEAR = 2017
EQUIPMENT = ("设备", "机器人", "特种机器人", "非生产性")
CATEGORIES = (*EQUIPMENT[:3], "软件", EQUIPMENT[3])
_CATEGORY_WORDS = {
    **{word: word for word in CATEGORIES},
    "生产设备": "设备",
    "生产性设备": "设备",
    "普通机器人": "机器人",
    "工业机器人": "机器人",
    "信息化": "软件",
    "非生产性设备": "非生产性",
    "非生产设备": "非生产性",
}
_UNSTATED = numpy.datetime64("1970-01-01")


@dataclass(frozen=True)
class InvoiceCount:
    """Rows of the invoice sheet, each counted once, and their net amounts in fen."""

    rows_read: int
    rows_used: int
    rows_refused: int
    rows_outside: int
    net_read: int
    net_used: int
    net_refused: int
    net_outside: int

    @property
    def balances(self) -> bool:
        """Whether the parts add up to the whole."""
        rows = self.rows_used + self.rows_refused + self.rows_outside == self.rows_read
        return rows and self.net_used + self.net_refused + self.net_outside == self.net_read


@dataclass
class InvoiceSums:
    """What the invoices say of each row of the main table.

    :ivar amounts: fact -> yuan of each row, without VAT, and the VAT facts.
    :ivar vat_of_parts: VAT of amounts that have no VAT fact of their own.
    :ivar in_use: whether all productive equipment is in use, or None if the sheet does not say.
    :ivar last_dates: last equipment invoice of the claim year.
    :ivar refused_projects: rows whose invoices cannot be trusted -> a row of the invoice sheet that shows why.
    """

    amounts: dict[str, numpy.ndarray]
    vat_of_parts: dict[str, numpy.ndarray]
    in_use: numpy.ndarray | None
    has_equipment: numpy.ndarray
    last_dates: numpy.ndarray | None
    refused_projects: dict[int, int]
    problems: list[Problem]
    count: InvoiceCount


class _Bills:
    """The invoice rows with their problems."""

    def __init__(self, part: Part) -> None:
        self.part = part
        self.count = len(part.rows)
        self.problems: list[Problem] = []
        self.bad = numpy.zeros(self.count, dtype=bool)

    def column(self, name: str) -> Values:
        if name not in self.part.values:
            self.part.values[name] = known.blank_values(known.INVOICE_COLUMNS[name], self.count)
        return self.part.values[name]

    def report(self, row: int, name: str, message: str, refusal: bool = True) -> None:
        self.problems.append(self.part.problem(row, name, message, refusal))
        if refusal:
            self.bad[row] = True

    def named(self, row: int) -> str:
        return f"第 {int(self.part.rows[row]) + 1} 行"


def add_up(
    part: Part,
    projects: dict[tuple[str, str], int],
    other_years: Iterable[tuple[str, str]],
    firm_of_name: dict[str, str],
    year: int,
    application_date: Values,
) -> InvoiceSums:
    """Check the invoices and add them up by project and claim year.

    Equipment of the claim year counts as ``equipment_investment`` (robots and non-productive equipment included), that
    of 2017 up to the claim year as ``cumulative_equipment_investment``; what is not productive, in the same way. A
    credit note counts with its original's date and category. An invoice row that is refused takes its project with it,
    as the sum can no longer be right.

    :param projects: (enterprise id, project id) -> row of the main table.
    :param other_years: such pairs of other claim years. :param firm_of_name: enterprise name -> id.
    :param application_date: of the main table; equipment counts as in use if used by then (else by the year's end).
    """
    bills = _Bills(part)
    _report_cells(bills)
    net, tax = _amounts(bills)
    category = _categories(bills)
    owner = _owners(bills, projects, set(other_years), firm_of_name)
    issued = bills.column("issued").values.copy()
    for row in numpy.flatnonzero(~bills.column("issued").stated).tolist():
        if row not in bills.column("issued").faults:
            bills.report(row, "issued", "开票日期是空的。请填写，例如 2021-03-05。")
    _find_claimed_twice(bills, net)
    _match_credit_notes(bills, net, issued, category)
    refused = {
        int(owner[row]): int(part.rows[row]) + 1
        for row in numpy.flatnonzero(bills.bad).tolist()[::-1]
        if owner[row] >= 0
    }
    size = len(application_date.values)
    years = issued.astype("datetime64[Y]").astype(int) + 1970
    inside = (owner >= 0) & ~bills.bad & ~numpy.isin(owner, list(refused)) & (years >= FIRST_YEAR) & (years <= year)
    for row in numpy.flatnonzero((owner >= 0) & ~bills.bad & ((years > year) | (years < FIRST_YEAR))).tolist():
        bills.report(
            row, "issued", f"不在 {FIRST_YEAR} 年至申报年度 {year} 年之间，没有计入。请核对日期。", refusal=False
        )
    now = inside & (years == year)
    soft = (category == "软件") & now
    machines = numpy.isin(category, EQUIPMENT)
    for row in numpy.flatnonzero(inside & (category == "软件") & ~now).tolist():
        bills.report(row, "issued", f"软件发票不是 {year} 年开具的，没有计入本年度的信息化投资。", refusal=False)

    def total(amount: numpy.ndarray, rows: numpy.ndarray) -> numpy.ndarray:
        sums = numpy.zeros(size, dtype=numpy.int64)
        numpy.add.at(sums, owner[rows], amount[rows])
        return sums / 100

    chosen = {
        "equipment": now & machines,
        "cumulative_equipment": inside & machines,
        "robot": now & (category == "机器人"),
        "special_robot": now & (category == "特种机器人"),
        "informatisation": soft,
    }
    amounts = {f"{name}_investment": total(net, rows) for name, rows in chosen.items()}
    amounts |= {f"{name}_vat": total(tax, rows) for name, rows in chosen.items()}
    idle = inside & (category == "非生产性")
    parts = {"cumulative_nonproductive_equipment": idle, "nonproductive_equipment": idle & now}
    in_use = None
    if "used_from" in part.layout.columns:
        used, productive = _used(bills, owner, application_date, year), chosen["cumulative_equipment"] & ~idle
        in_use = total(net, productive & ~used) == 0
        parts |= {"cumulative_equipment_in_use": productive & used, "equipment_in_use": productive & used & now}
    amounts |= {name: total(net, rows) for name, rows in parts.items()}
    vat_of_parts = {name: total(tax, rows) for name, rows in parts.items()}
    has_equipment = amounts["cumulative_equipment_investment"] > 0
    last = numpy.full(size, _UNSTATED)
    numpy.maximum.at(last, owner[chosen["equipment"]], issued[chosen["equipment"]])
    for name, amount in amounts.items():
        for row in numpy.flatnonzero(amount < 0).tolist():
            if row in refused:  # 累计额随当年额，一处说一次
                continue
            message = (
                f"「{known.COLUMNS[name].label}」的发票冲红以后合计为负数（{amount[row]:,.2f} 元）。请核对红字发票。"
            )
            column, values = ("tax", tax) if name.endswith("_vat") else ("net", net)
            mine = numpy.flatnonzero((owner == row) & (values < 0))
            bills.report(int(mine[0]), column, message)
            refused[row] = int(part.rows[mine[0]]) + 1
    used_rows = (now | (inside & machines)) & ~numpy.isin(owner, list(refused))
    lost = bills.bad | ((owner >= 0) & numpy.isin(owner, list(refused)))
    outside = ~used_rows & ~lost
    count = InvoiceCount(
        rows_read=bills.count,
        rows_used=int(used_rows.sum()),
        rows_refused=int(lost.sum()),
        rows_outside=int(outside.sum()),
        net_read=int(net.sum()),
        net_used=int(net[used_rows].sum()),
        net_refused=int(net[lost].sum()),
        net_outside=int(net[outside].sum()),
    )
    return InvoiceSums(amounts, vat_of_parts, in_use, has_equipment, last, refused, bills.problems, count)


def _report_cells(bills: _Bills) -> None:
    for name, values in bills.part.values.items():
        for row, (message, refusal) in values.faults.items():
            bills.report(row, name, message, refusal)


def _amounts(bills: _Bills) -> tuple[numpy.ndarray, numpy.ndarray]:
    """Net amount and tax of each row in fen. Any two of 金额, 税额, 价税合计 give the third; all three must agree."""
    fen, stated = {}, {}
    for name in ("net", "tax", "gross"):
        column = bills.column(name)
        fen[name], stated[name] = numpy.rint(column.values * 100).astype(numpy.int64), column.stated
    net = numpy.where(stated["net"], fen["net"], fen["gross"] - fen["tax"])
    tax = numpy.where(stated["tax"], fen["tax"], fen["gross"] - fen["net"])
    few = sum(stated[name].astype(int) for name in stated) < 2
    for row in numpy.flatnonzero(few & ~bills.bad).tolist():
        bills.report(row, "net", "「金额」「税额」「价税合计」至少要填两项，才能分清是否含税。请补填。")
    wrong = ~few & stated["net"] & stated["tax"] & stated["gross"] & (net + tax != fen["gross"])
    for row in numpy.flatnonzero(wrong & ~bills.bad).tolist():
        figures = f"{net[row] / 100:,.2f} + {tax[row] / 100:,.2f} ≠ {fen['gross'][row] / 100:,.2f}"
        bills.report(row, "gross", f"金额与税额之和不等于价税合计：{figures}。请核对。")
    mixed = ~few & (net * tax < 0)
    for row in numpy.flatnonzero(mixed & ~bills.bad).tolist():
        bills.report(row, "tax", "金额和税额一正一负。红字发票两项都应为负数，请核对。")
    net[few], tax[few] = numpy.where(stated["net"], fen["net"], 0)[few], 0
    return net, tax


def _categories(bills: _Bills) -> numpy.ndarray:
    column = bills.column("category")
    result = numpy.full(bills.count, "", dtype=object)
    for row, word in enumerate(column.values.tolist()):
        found = _CATEGORY_WORDS.get(known.plain(word))
        if found:
            result[row] = found
        elif row not in column.faults:
            what = "没有这个类别" if word else "类别是空的"
            bills.report(row, "category", f"{what}。请从这些里选：{'、'.join(CATEGORIES)}。")
    return result


def _owners(bills: _Bills, projects, other_years: set, firm_of_name: dict[str, str]) -> numpy.ndarray:
    """Row of the main table that each invoice belongs to (-1 = none of this year)."""
    owner = numpy.full(bills.count, -1)
    firm, project = bills.column("enterprise_id").values, bills.column("project_id").values
    firms_of_project: dict[str, list[tuple[str, str]]] = {}
    for pair in projects:
        firms_of_project.setdefault(pair[1], []).append(pair)
    only_project: dict[str, list[tuple[str, str]]] = {}
    for pair in projects:
        only_project.setdefault(pair[0], []).append(pair)
    names = bills.column("enterprise_name").values
    for row in range(bills.count):
        code = firm[row] or firm_of_name.get(names[row], names[row])
        firm[row] = code
        pair = (code, project[row])
        if pair in projects:
            owner[row] = projects[pair]
        elif not project[row] and len(only_project.get(code, [])) == 1:
            owner[row] = projects[only_project[code][0]]
            bills.report(
                row,
                "project_id",
                f"项目编号是空的，该企业只有一个项目，记到「{only_project[code][0][1]}」。",
                refusal=False,
            )
        elif pair in other_years:
            bills.report(row, "project_id", "这个项目属于其他申报年度，发票没有计入。", refusal=False)
        elif project[row] in firms_of_project:
            real = firms_of_project[project[row]][0][0]
            bills.report(
                row,
                "enterprise_id",
                f"项目「{project[row]}」在申报表里属于企业「{real}」，与发票上的企业不一致。请核对。",
            )
            owner[row] = projects[firms_of_project[project[row]][0]]
        else:
            bills.report(row, "project_id", "申报表里没有这个企业的这个项目，发票无处可记。请核对企业编号和项目编号。")
    return owner


def _find_claimed_twice(bills: _Bills, net: numpy.ndarray) -> None:
    code, number = bills.column("invoice_code").values, bills.column("invoice_number").values
    firm, project = bills.column("enterprise_id").values, bills.column("project_id").values
    places: dict[tuple[Any, Any, bool], list[int]] = {}
    for row in range(bills.count):
        if number[row]:
            places.setdefault((code[row], number[row], net[row] < 0), []).append(row)
        elif row not in bills.column("invoice_number").faults:
            bills.report(row, "invoice_number", "发票号码是空的。请填写。")
    for (_code, text, credit), rows in places.items():
        if len(rows) < 2:
            continue
        firms = sorted({firm[row] for row in rows})
        whole = sorted({project[row] for row in rows})
        if len(firms) > 1:
            who = f"由 {len(firms)} 家企业（{'、'.join(firms[:4])}）申报"
        elif len(whole) > 1:
            who = f"由企业「{firms[0]}」的几个项目（{'、'.join(whole[:4])}）申报"
        else:
            who = f"由企业「{firms[0]}」的项目「{whole[0]}」申报了 {len(rows)} 次"
        listed = "、".join(bills.named(row) for row in rows[:6])
        kind = "红字发票" if credit else "发票"
        for row in rows:
            bills.report(
                row,
                "invoice_number",
                f"{CLAIMED_TWICE}：{kind}号码「{text}」{who}（{listed}）。这些项目都不计入。请查明后只保留一行；"
                "一张发票确有几类货物的，请把各行的号码写成「号码-1」「号码-2」。",
            )


def _match_credit_notes(bills: _Bills, net: numpy.ndarray, issued: numpy.ndarray, category: numpy.ndarray) -> None:
    """Give each credit note its original's date and category; what nets below zero, or has no original, is refused."""
    number, original = bills.column("invoice_number").values, bills.column("original_number").values
    firm, project = bills.column("enterprise_id").values, bills.column("project_id").values
    notes = numpy.flatnonzero(net < 0).tolist()
    if not notes:
        return
    by_number: dict[tuple[str, str, str], int] = {}
    by_amount: dict[tuple[str, str, int], list[int]] = {}
    for row in numpy.flatnonzero(net > 0).tolist():
        by_number[firm[row], project[row], number[row]] = row
        by_amount.setdefault((firm[row], project[row], int(net[row])), []).append(row)
    left = {row: int(net[row]) for row in by_number.values()}
    for row in notes:
        wanted = original[row] or number[row]
        found = by_number.get((firm[row], project[row], wanted))
        if found is None and not original[row]:
            same = [
                other
                for other in by_amount.get((firm[row], project[row], -int(net[row])), [])
                if left.get(other) == net[other]
            ]
            if len(same) == 1:
                found = same[0]
                bills.report(
                    row,
                    "invoice_number",
                    f"红字发票没有写「原发票号码」，按金额冲销同一项目{bills.named(found)}的发票「{number[found]}」。请核对。",
                    refusal=False,
                )
        if found is None:
            which = f"「{original[row]}」" if original[row] else ""
            bills.report(
                row,
                "net",
                f"红字发票找不到它冲销的蓝字发票{which}。请在「原发票号码」里写明，并把蓝字发票列入同一项目。",
            )
            continue
        left[found] += int(net[row])
        if left[found] < 0:
            bills.report(row, "net", f"红字发票冲销的金额超过{bills.named(found)}的发票「{number[found]}」。请核对。")
        issued[row], category[row] = issued[found], category[found]


def _used(bills: _Bills, owner: numpy.ndarray, application_date: Values, year: int) -> numpy.ndarray:
    """Whether what an invoice bought was in use by the application date (the end of the claim year if none is
    stated)."""
    column = bills.column("used_from")
    limit = numpy.full(len(application_date.values), numpy.datetime64(f"{year:04d}-12-31"))
    limit[application_date.stated] = application_date.values[application_date.stated]
    return column.stated & (owner >= 0) & (column.values <= limit[numpy.maximum(owner, 0)])
