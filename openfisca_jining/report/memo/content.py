"""What the memo says: question, answer, tables, charts, clauses, readings, limits. Every name and figure is taken from results."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from matplotlib.figure import Figure

from openfisca_jining.analysis.budget import DIMENSIONS, FUND_HEADINGS, LEDGER, Budget
from openfisca_jining.analysis.compare import Comparison
from openfisca_jining.analysis.readings import Spread
from openfisca_jining.reforming import SINGLE
from openfisca_jining.report.charts import png
from openfisca_jining.report.charts.budget import comparison_chart, ledger_chart
from openfisca_jining.report.charts.compare import bands_chart
from openfisca_jining.report.console import wan
from openfisca_jining.report.memo.grounds import MADE_UP, Grounds, listed_clauses, yuan
from openfisca_jining.report.memo.parts import Memo, printable
from openfisca_jining.report.words import answer, changed, parameter_title, parameter_value, signed

#: Enterprises listed in each direction unless told otherwise.
LISTED = 10
#: Inches: width of a chart, and what it needs above and below its axes.
WIDE, ABOVE, BELOW = 8.2, 0.85, 0.62
#: Inches above and below the axes of a chart without legend whose ticks take three lines.
BANDS = (0.45, 0.95)
#: Millimetres of a line of text, which columns share.
TEXT = 156


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


class _Writing(Grounds):
    """One memo in the making. Arguments as :func:`memo`."""

    def __init__(self, result, name, by, named, names, listed, spreads) -> None:
        super().__init__(result, spreads)
        self.by, self.named, self.listed = tuple(dict.fromkeys(by)), named, listed
        self.names = self.comparison.names if self.comparison else names
        self.name = name or self._name()

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
            f"{wan(yuan([total['promised'], -total['paid']]))} 万元，实付 {wan(budget.total)} 万元；"
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
            rows.append((title, day, *values, self._places(listed_clauses(parameter)) if parameter else ""))
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
        return (wan(money[0]), wan(money[1]), signed(yuan([money[1], -money[0]])))

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
            taken = yuan([line["promised"], -line["paid"]])
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

    def _picture(
        self, caption: str, alt: str, draw, tall: float, left: float, edges: tuple[float, float] = (ABOVE, BELOW)
    ) -> None:
        """A chart of the report, drawn as wide as a page. :param tall: inches of its axes. :param edges: above and below them."""
        above, below = edges
        whole = tall + above + below
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
        gains, losses = yuan(sums.clip(lower=0)), yuan(sums.clip(upper=0))
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
        self._picture("增加和减少的企业数，按每家增减的大小", f"柱形图：{said}。", draw, 2.4, 0.09, BANDS)
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
        funds = self._funds
        if not funds:
            draft.say(f"{self.before.year} 年没有项目申请文件写明数额的资金池；实付不受资金池限制。")
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
        asked, paid = (yuan([after[key], -before[key]]) for key in ("claimed", "paid"))
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


def _short(line: dict) -> float:
    """What a pool is short of (yuan), 0 if it suffices."""
    return max(yuan([line["claimed"], -line["available"]]), 0.0)
