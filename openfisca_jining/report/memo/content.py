"""What the memo says: question, answer, tables, charts, clauses, readings, limits. Every name and figure is taken from results."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property, partial

from matplotlib.figure import Figure

from openfisca_jining import CountryTaxBenefitSystem
from openfisca_jining.analysis.budget import DIMENSIONS, FUND_HEADINGS, LEDGER, Budget, to_fen_signed
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.analysis.explain import declared
from openfisca_jining.analysis.readings import MOVES, REFUSED, SHIFTS, Spread, readings_of
from openfisca_jining.clauses.register import clauses, documents
from openfisca_jining.instruments import FUNDS, instruments
from openfisca_jining.law import leaves
from openfisca_jining.money import to_yuan
from openfisca_jining.reforming import SINGLE
from openfisca_jining.report.charts import png
from openfisca_jining.report.charts.budget import comparison_chart, ledger_chart
from openfisca_jining.report.charts.compare import bands_chart
from openfisca_jining.report.charts.readings import change
from openfisca_jining.report.console import wan
from openfisca_jining.report.memo.parts import Draft, Memo, printable
from openfisca_jining.report.words import answer, changed, parameter_title, parameter_value, signed

#: Enterprises listed in each direction unless told otherwise.
LISTED = 10
#: Inches: width of a chart, and what it needs above and below its axes.
WIDE, ABOVE, BELOW = 8.2, 0.85, 0.62
#: Inches below the axes of a chart whose ticks take three lines.
DEEP = 0.95
#: Millimetres of a line of text, which columns share.
TEXT = 156
MADE_UP = "合成数据，非实际申报"
#: Lines of the run record that are shown: key -> Chinese.
RECORD = {
    "package": "测算程序 openfisca-jining 版本",
    "openfisca_core": "OpenFisca-Core 版本",
    "numpy": "NumPy 版本",
    "python": "Python 版本",
    "year": "申报年度",
    "source": "数据来源",
    "data_sha256": "数据摘要（SHA-256）",
    "reforms": "改动",
    "reform_modules": "改革模块",
}


def memo(
    result: Comparison | Budget,
    *,
    name: str = "",
    by: Sequence[str] = (),
    named: bool = True,
    names: Mapping[str, str] | None = None,
    listed: int = LISTED,
    spreads: Sequence[Spread] = (),
) -> Memo:
    """The memo of a reform (a comparison) or of the year's budget under one law.

    :param name: the reform in words (taken from the run record if not given). :param by: further dimensions of
        ``analysis.budget.DIMENSIONS`` to break the money down by. :param named: whether enterprises are named; if not, neither
        names nor ids appear. :param names: enterprise id -> name, for a budget (a comparison knows them).
    :param listed: how many enterprises are listed at most. :param spreads: totals under every reading
        (``analysis.readings.spread``): of the current law, then of the reform if there is one.
    :raises KeyError: no such dimension.
    """
    for dimension in by:
        if dimension not in DIMENSIONS:
            raise KeyError(f"不能按「{dimension}」分组。可选：{'、'.join(DIMENSIONS)}。")
    return _Writing(result, name, by, named, names or {}, listed, spreads).memo()


def memo_json(result: Comparison | Budget, *, named: bool = True) -> dict:
    """What is written beside the memo, JSON-ready: the result with everything that ``verify`` needs, money in yuan.

    Of a comparison: that of the reformed law, with the budget under current law as ``current_law``. :param named: see :func:`memo`.
    """
    if isinstance(result, Budget):
        return result.to_json()
    data = result.to_json() | result.reform.to_json() | {"record": result.record}
    data["current_law"] = result.baseline.to_json()
    if not named:
        for side in ("winners", "losers"):
            data[side] = [{key: one[key] for key in one if key not in ("enterprise", "name")} for one in data[side]]
    return data


class _Writing:
    """One memo in the making. Arguments as :func:`memo`."""

    def __init__(self, result, name, by, named, names, listed, spreads) -> None:
        self.comparison = result if isinstance(result, Comparison) else None
        self.before: Budget = result.baseline if isinstance(result, Comparison) else result
        self.after: Budget = result.reform if isinstance(result, Comparison) else result
        self.record = result.record
        self.by, self.named, self.listed, self.spreads = tuple(dict.fromkeys(by)), named, listed, tuple(spreads)
        self.names = self.comparison.names if self.comparison else names
        self.law = CountryTaxBenefitSystem()
        self.parameters = {parameter.name: parameter for parameter in leaves(self.law.parameters)}
        self.entries = {entry["id"]: entry for entry in clauses()}
        self.name = name or self._name()
        self.draft = Draft()

    def memo(self) -> Memo:
        """All sections in their order."""
        year = self.before.year
        title = f"{year} 年度技术改造奖补{'政策调整' if self.comparison else '支出'}测算报告"
        under = [f"——{self.name}"] if self.comparison else []
        under += [f"（{MADE_UP}）"] if self.record["synthetic"] else []
        for section in (
            self._question,
            self._changes,
            self._money,
            self._enterprises,
            self._pools,
            self._clauses,
            self._readings,
            self._unstated,
            self._method,
            self._limits,
            self._record,
        ):
            section()
        running = f"{title}（{MADE_UP}）" if self.record["synthetic"] else title
        return Memo(title, tuple(map(printable, under)), printable(running), tuple(self.draft.blocks))

    # ----- what is asked and answered -----

    def _question(self) -> None:
        draft, record = self.draft, self.record
        claims = f"{record['year']} 年度申报的 {record['projects']} 个项目（{record['enterprises']} 家企业）"
        draft.heading(1, "测算的问题")
        if self.comparison:
            draft.say(
                f"对 {claims}，如实行「{self.name}」，财政支出比现行政策增减多少，由哪级财政负担，哪些企业增、哪些企业减。"
            )
        else:
            draft.say(f"{claims}按{self._law_name()}应由各级财政支付多少，各项政策工具、各级财政各占多少。")
        draft.heading(1, "结论")
        draft.say(self._answer())
        draft.say(
            "本报告金额单位除另注明外均为万元；计算精确到分，表中保留两位小数，各行四舍五入后相加可能与合计差 0.01。"
        )

    def _answer(self) -> str:
        if self.comparison:
            return answer(self.comparison)
        total, budget = self.before.ledger().sum(), self.before
        return (
            f"{budget.year} 年度按比例应得 {wan(total['promised'])} 万元，各项限制减去 "
            f"{wan(_yuan([total['promised'], -total['paid']]))} 万元，实付 {wan(budget.total)} 万元；"
            f"获补企业 {budget.enterprises_paid} 家，平均每家 {wan(budget.average)} 万元。"
        )

    def _law_name(self) -> str:
        changes = self.record["changes"]
        return "现行政策" if not changes else "现行政策（读法或未定数额另有取定，见运行记录）"

    def _name(self) -> str:
        """The reform in words, from the run record."""
        if self.comparison is None:
            return ""
        layers = self.after.record["reforms"][len(self.before.record["reforms"]) :]
        words = [layer for layer in layers if layer != SINGLE]
        if SINGLE in layers:
            own = "；".join(f"{row[0]}由 {row[2]} 改为 {row[3]}（{row[1]} 起）" for row in self._changed_rows())
            words += ["另改参数，见改动的参数表"] if words else [own] if own else []
        return "；".join(words) or "与现行相同"

    def _changes(self) -> None:
        if self.comparison is None:
            return
        draft, rows = self.draft, self._changed_rows()
        draft.heading(1, "改革的内容")
        if rows:
            draft.say(f"改革名称：{self.name}。改动的参数如下，未列的参数、读法与现行相同。")
            headings = ("参数", "自何日起", "现行", "改革", "条款")
            draft.table("改革改动的参数", headings, rows, left=len(headings), widths=(46, 22, 22, 22, 44))
        else:
            draft.say(f"改革名称：{self.name}。没有改动参数。")
        if self.after.record["reform_modules"] != self.before.record["reform_modules"]:
            modules = "、".join(self.after.record["reform_modules"])
            draft.say(f"改革模块：{modules}。模块如另改计算规则，以程序中该模块的说明为准。")

    def _changed_rows(self) -> list[tuple[str, ...]]:
        """Parameters that the reform changes: title, first day, before, after, clauses."""
        already = [(one["parameter"], one["date"], one["reform"]) for one in self.before.record["changes"]]
        was = {(one["parameter"], one["date"]): one["reform"] for one in self.before.record["changes"]}
        rows = []
        for one in self.after.record["changes"]:
            key = one["parameter"], one["date"]
            if (*key, one["reform"]) in already:
                continue
            parameter = self.parameters.get(one["parameter"])
            title = parameter_title(self.law, parameter) if parameter else str(one["label"])
            values = [self._shown(parameter, value) for value in (was.get(key, one["baseline"]), one["reform"])]
            day = "始终" if one["date"] <= "1900-01-01" else one["date"]
            rows.append((title, day, *values, self._places(_listed(parameter)) if parameter else ""))
        return rows

    @staticmethod
    def _shown(parameter, value) -> str:
        if parameter is None:
            return "无" if value is None else str(value)
        known = parameter.metadata.get("readings", {})
        return known.get(value) or parameter_value(parameter, value)

    # ----- money -----

    def _money(self) -> None:
        draft = self.draft
        draft.heading(1, "支出测算")
        draft.heading(2, "按政策工具和付款财政")
        self._broken_down(("instrument", "payer"))
        self._broken_down(("payer",))
        self._chart_of_money()
        draft.heading(2, "台账")
        draft.say(
            "台账逐项目记录每一项限制减去的金额：按比例应得 = 企业限额、共同体限额、择一、不重复奖补、一年一个、资金池各栏减少额 + 实付。"
        )
        totals = [one.ledger().sum() for one in ([self.before, self.after] if self.comparison else [self.before])]
        rows = []
        for column, heading in LEDGER.items():
            money = [total[column] for total in totals]
            if column in ("promised", "paid") or any(money):
                rows.append((heading if column in ("promised", "paid") else f"减：{heading}", *self._cells(money)))
        draft.table("台账合计", ("台账栏", *self._sides()), rows, total=True)
        others = [
            name for name in self.by if name not in ("instrument", "payer") and (self.named or name != "enterprise")
        ]
        if others:
            draft.heading(2, "按" + "、".join(DIMENSIONS[name] for name in others))
        for name in others:
            self._broken_down((name,))

    def _sides(self) -> tuple[str, ...]:
        return ("现行", "改革", "差额") if self.comparison else ("实付",)

    def _cells(self, money: Sequence[float]) -> tuple[str, ...]:
        """One figure, or two and their difference."""
        if len(money) == 1:
            return (wan(money[0]),)
        return (wan(money[0]), wan(money[1]), signed(_yuan([money[1], -money[0]])))

    def _broken_down(self, dimensions: tuple[str, ...]) -> None:
        """A table of what is paid by dimensions, with its sum."""
        headings = [DIMENSIONS[name] for name in dimensions]
        columns, sizes, lines, total = (self._moves if self.comparison else self._costs)(dimensions)
        rows = [(*self._key(key, dimensions), *cells) for key, cells in lines]
        rows.append(("合计", *("",) * (len(dimensions) - 1), *total))
        caption = f"{'现行与改革' if self.comparison else ''}实付，按{'和'.join(headings)}"
        others = (25,) * (len(dimensions) - 1)
        widths = (TEXT - sum(others) - sum(sizes), *others, *sizes)
        self.draft.table(caption, (*headings, *columns), rows, left=len(dimensions), widths=widths, total=True)

    def _moves(self, dimensions: tuple[str, ...]):
        """Columns, their widths, lines (key, cells) and sum of a comparison."""
        assert self.comparison is not None
        lines = [
            (
                key,
                (
                    *self._cells([line["baseline"], line["reform"]]),
                    *(f"{int(line[side]):,}" for side in ("gain", "lose")),
                ),
            )
            for key, line in self.comparison.by(*dimensions).iterrows()
        ]
        counts = self.comparison.counts()
        total = (*self._cells([self.before.total, self.after.total]), f"{counts['gain']:,}", f"{counts['lose']:,}")
        return ("现行", "改革", "差额", "增加家数", "减少家数"), (20, 20, 19, 11, 11), lines, total

    def _costs(self, dimensions: tuple[str, ...]):
        """Columns, their widths, lines (key, cells) and sum of one budget."""

        def cells(line, enterprises: int) -> tuple[str, ...]:
            taken = _yuan([line["promised"], -line["paid"]])
            return wan(line["promised"]), wan(taken), wan(line["paid"]), f"{int(enterprises):,}"

        lines = [(key, cells(line, line["enterprises_paid"])) for key, line in self.before.by(*dimensions).iterrows()]
        total = cells(self.before.ledger().sum(), self.before.enterprises_paid)
        return ("按比例应得", "各项减少", "实付", "获补家数"), (23, 23, 23, 11), lines, total

    def _key(self, key, dimensions: tuple[str, ...]) -> tuple[str, ...]:
        parts = key if isinstance(key, tuple) else (key,)
        if dimensions == ("enterprise",):
            return (f"{parts[0]} {self.names.get(parts[0], '')}".strip(),)
        return tuple(str(part) for part in parts)

    def _chart_of_money(self) -> None:
        if self.comparison is None:
            total = self.before.ledger().sum()
            steps = "，".join(f"{heading} {wan(total[column])}" for column, heading in LEDGER.items())
            self._picture(
                "从按比例应得到实付", f"瀑布图，单位万元：{steps}。", partial(ledger_chart, self.before), 3.6, 0.12
            )
            return
        table = self.comparison.change("instrument")
        table = table[(table["baseline"] != 0) | (table["reform"] != 0)]
        bars = "；".join(f"{key} {wan(line['baseline'])} 变为 {wan(line['reform'])}" for key, line in table.iterrows())
        self._picture(
            "各项政策工具的实付，现行与改革",
            f"条形图，单位万元：{bars or '两种政策下都没有实付'}。",
            partial(comparison_chart, self.comparison, self.name),
            0.5 * max(len(table), 1) + 0.2,
            0.3,
        )

    def _picture(self, caption: str, alt: str, draw, tall: float, left: float, below: float = BELOW) -> None:
        """A chart of the report, drawn as wide as a page. :param tall, below: inches of its axes and under them."""
        whole = tall + ABOVE + below
        figure = Figure(figsize=(WIDE, whole))
        axes = figure.add_axes((left, below / whole, 0.97 - left, tall / whole))
        draw(axes=axes)
        self.draft.picture(caption, alt, png(figure), whole / WIDE)

    # ----- enterprises -----

    def _enterprises(self) -> None:
        draft = self.draft
        draft.heading(1, "企业的增减" if self.comparison else "获补企业")
        if self.comparison is None:
            self._largest_paid()
        else:
            self._who_moves(self.comparison)
        if self.named:
            draft.say(
                "保密提示：上表载有企业名称或编号和金额，可能涉及企业商业秘密和尚未公示的审核情况。对外提供前应按规定公示或隐去；"
                "可用 --no-names 另出一份不列企业名称的报告。",
                note=True,
            )
        else:
            draft.say(
                "本报告不列企业名称和编号，只列所在县（市、区）和金额；企业少的县仍可能被推知，对外提供前请核对。",
                note=True,
            )

    def _largest_paid(self) -> None:
        table = self.before.by("enterprise")
        table = table[table["paid"] > 0].sort_values("paid", ascending=False, kind="stable").head(self.listed)
        self.draft.say(
            f"获补企业 {self.before.enterprises_paid} 家，平均每家 {wan(self.before.average)} 万元。"
            + (f"实付最多的 {len(table)} 家如下。" if len(table) else "")
        )
        if table.empty:
            return
        first = self.before.claims.drop_duplicates("enterprise_id")
        county = dict(zip(first["enterprise_id"], first["county"], strict=True))
        rows = [
            (str(place), *self._who(str(key)), county[key], wan(line["promised"]), wan(line["paid"]))
            for place, (key, line) in enumerate(table.iterrows(), start=1)
        ]
        headings = ("序号", *self._who_headings(), "县（市、区）", "按比例应得", "实付")
        widths = (10, *((62,) if self.named else ()), 26, 26, 26)
        self.draft.table("实付最多的企业", headings, rows, left=len(headings) - 2, widths=widths)

    def _who(self, key: str) -> tuple[str, ...]:
        """Id and name in one cell, or nothing if enterprises are not to be named."""
        return (f"{key} {self.names.get(key, '')}".strip(),) if self.named else ()

    def _who_headings(self) -> tuple[str, ...]:
        return ("企业",) if self.named else ()

    def _who_moves(self, comparison: Comparison) -> None:
        draft, counts, paid = self.draft, comparison.counts(), comparison.coming_and_going()
        sums = comparison.change("enterprise")["difference"]
        gains, losses = _yuan(sums.clip(lower=0)), _yuan(sums.clip(upper=0))
        others = self.record["enterprises"] - sum(counts.values())
        draft.say(
            f"{counts['gain']} 家企业增加{f'，共增加 {wan(gains)} 万元' if gains else ''}；"
            f"{counts['lose']} 家减少{f'，共减少 {wan(-losses)} 万元' if losses else ''}；"
            f"{counts['same']} 家不变；另有 {others} 家两种政策下都没有按比例应得的资金。获补企业由 {paid['paid_before']} 家变为 "
            f"{paid['paid_after']} 家：{paid['newly_paid']} 家新获补，{paid['no_longer_paid']} 家不再获补。"
        )
        bands = comparison.distribution()
        bands = bands[bands["enterprises"] > 0]
        rows = [
            (str(key), f"{int(band['enterprises']):,}", signed(band["difference"])) for key, band in bands.iterrows()
        ]
        rows.append(("合计", f"{sum(counts.values()):,}", signed(comparison.difference)))
        draft.table("企业按增减大小的分布", ("每家增减", "企业数", "合计增减"), rows, widths=(70, 43, 43), total=True)
        said = "；".join(f"{row[0]} {row[1]} 家，{row[2]} 万元" for row in rows[:-1])
        draw = partial(bands_chart, comparison, self.name)
        self._picture("增加和减少的企业数，按每家增减的大小", f"柱形图：{said}。", draw, 2.4, 0.09, DEEP)
        for words, moved in (("减少", comparison.losers()), ("增加", comparison.winners())):
            if moved.empty:
                draft.say(f"没有企业{words}。")
                continue
            lines = moved.head(self.listed).to_dict("records")
            rows = [
                (
                    str(place),
                    *self._who(line["enterprise"]),
                    line["county"],
                    line["instrument"],
                    *self._cells([line["baseline"], line["reform"]]),
                )
                for place, line in enumerate(lines, start=1)
            ]
            if not rows:
                continue
            headings = ("序号", *self._who_headings(), "县（市、区）", "变动最大的政策工具", *self._sides())
            widths = (10, *((42,) if self.named else ()), 22, 31, 21, 21, 19)
            caption = f"{words}最多的 {len(rows)} 家（共 {len(moved)} 家{words}）"
            draft.table(caption, headings, rows, left=len(headings) - 3, widths=widths)

    # ----- pools -----

    def _pools(self) -> None:
        draft = self.draft
        draft.heading(1, "资金池")
        sides = (
            [("现行", self.before.funds), ("改革", self.after.funds)] if self.comparison else [("", self.before.funds)]
        )
        funds = list(dict.fromkeys(fund for _, table in sides for fund in table["fund"]))
        if not funds:
            draft.say(f"{self.before.year} 年没有文件写明数额的资金池；实付不受资金池限制。")
            return
        rows = []
        for fund in funds:
            for side, table in sides:
                for line in table[table["fund"] == fund].to_dict("records"):
                    money = [wan(line[column]) for column in ("available", "claimed", "paid", "left")]
                    rows.append((fund, *((side,) if side else ()), *money))
        columns = [FUND_HEADINGS[name] for name in ("available", "claimed", "paid", "left")]
        headings = ("资金", *(("政策",) if self.comparison else ()), *columns)
        widths = (46, *((12,) if self.comparison else ()), 24, 24, 24, 26)
        draft.table("资金池的使用", headings, rows, left=len(headings) - 4, widths=widths)
        if len(funds) > 1:
            draft.say(
                "同一政策工具先后受几个资金池限制的，前一个资金池的支付是它分配的数额，还要经后一个资金池；实付见按政策工具的表。",
                note=True,
            )
        for fund in funds:
            lines = [next(iter(table[table["fund"] == fund].to_dict("records")), None) for _, table in sides]
            draft.say(self._pool(fund, *lines))

    def _pool(self, fund: str, before: dict | None, after: dict | None = None) -> str:
        """Whether a pool is exhausted and what that means for the difference."""
        if self.comparison is None and before:
            return self._pool_of_one(fund, before)
        if before is None or after is None:
            return f"{fund}：只在{'改革' if before is None else '现行政策'}下存在。"
        asked, paid = (_yuan([after[key], -before[key]]) for key in ("claimed", "paid"))
        if not asked and not paid and before["available"] == after["available"]:
            return f"{self._pool_of_one(fund, before)}改革不改变它的申请和支付。"
        moved = f"改革使申请{changed(asked)}、支付{changed(paid)}"
        if _short(before) and _short(after):
            meaning = (
                "改革前后都已用完，多申请的部分得不到支付，改革只在申报者之间改变分配"
                if before["available"] == after["available"]
                else "改革前后都已用完，支付的变化来自资金池本身的大小"
            )
        elif _short(after):
            meaning = f"改革使资金池用完，{wan(_short(after))} 万元不予支付（分配办法：{after['rule']}），差额因此小于申请的变化"
        elif _short(before):
            meaning = f"现行政策下已用完，{wan(_short(before))} 万元不予支付，改革后足额支付"
        else:
            meaning = f"改革前后都没有用完，差额不受它限制，改革后余额 {wan(after['left'])} 万元"
        return f"{fund}：{moved}；{meaning}。"

    @staticmethod
    def _pool_of_one(fund: str, line: dict) -> str:
        """Whether a pool is exhausted under one law."""
        asked, available = wan(line["claimed"]), wan(line["available"])
        if not _short(line):
            return f"{fund}：申请 {asked} 万元，没有超过可用的 {available} 万元，足额支付。"
        return (
            f"{fund}：申请 {asked} 万元，超过可用的 {available} 万元，资金池用完，"
            f"超出的 {wan(_short(line))} 万元不予支付（分配办法：{line['rule']}）。"
        )

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

    def _fund_clauses(self) -> list[str]:
        amounts = {one.label: one.amount for one in FUNDS}
        funds = {fund for one in (self.before, self.after) for fund in one.funds["fund"]}
        return [clause for fund in funds for clause in _listed(self.parameters[amounts[fund]])]

    def _changed_clauses(self) -> list[str]:
        changed = (self.parameters.get(one["parameter"]) for one in self.after.record["changes"])
        return [clause for parameter in changed if parameter for clause in _listed(parameter)]

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
        moving = [
            key
            for key in tables[0].index
            if any(table.at[key, "effect"] == MOVES for table in tables if key in table.index)
        ]
        moving += [
            key for table in tables[1:] for key in table.index[table["effect"] == MOVES] if key not in tables[0].index
        ]
        about = {reading.name: reading for reading in self.spreads[0].readings}
        lines = []
        for key in moving:
            found = [float(table.at[key, "difference"]) if key in table.index else float("nan") for table in tables]
            if len(found) == 2:
                found.append(
                    _yuan([found[1], -found[0]]) if found[0] == found[0] and found[1] == found[1] else float("nan")
                )
            lines.append((key, found))
        lines.sort(key=lambda line: [-abs(one) if one == one else 0.0 for one in reversed(line[1])])
        rows = []
        for (name, value), found in lines:
            reading = about[name]
            texts = (f"{reading.title}（{_some(reading.clauses)}）", reading.words[reading.taken], reading.words[value])
            rows.append((*texts, *(change(one) if one == one else "—" for one in found)))
        total = len({key[0] for key in tables[0].index})
        draft.say(
            f"条文不明之处须先取定读法才能计算。逐一换成另一种取法，{total} 个读法中有 {len({key[0] for key in moving})} 个会使合计变动，"
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
        for key, words in RECORD.items():
            value = record[key]
            text = "；".join(str(one) for one in value) if isinstance(value, list) else str(value)
            rows.append((words, text or "无"))
        rows += [("改革文件", f"{one['file']}（SHA-256 {one['sha256']}）") for one in record["reform_files"]]
        default = {reading.path: next(iter(reading.words)) for reading in readings_of(self.law)}
        other = [f"{path}={value}" for path, value in record["readings"].items() if default.get(path) != value]
        rows.append(("非缺省的读法", "；".join(other) or "无"))
        draft.table("运行记录", ("项目", "内容"), rows, left=2, widths=(52, 104))


def _listed(parameter) -> list[str]:
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


def _yuan(money) -> float:
    """Sum of amounts in yuan, exact to the fen."""
    return float(to_yuan(to_fen_signed(list(money)).sum()))


def _short(line: dict) -> float:
    """What a pool is short of (yuan), 0 if it suffices."""
    return max(_yuan([line["claimed"], -line["available"]]), 0.0)
