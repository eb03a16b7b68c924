"""Charts of results that are seldom: nothing paid, no answer, one point. What the title says and what is drawn, by hand-made results."""

from __future__ import annotations

import math
from types import SimpleNamespace

import pandas
import pytest
from matplotlib.figure import Figure

from openfisca_jining.analysis.forecast.sensitivity import ReadingsBand, Sensitivity
from openfisca_jining.analysis.solve import Affordable, Course, Frontier, NoLosers, Solved, Span
from openfisca_jining.analysis.sweep import Axis, Sweep
from openfisca_jining.report.charts import (
    backtest,
    budget,
    forecast,
    notch,
    readings,
    sensitivity,
    solve,
    sweep,
    transplant,
)
from openfisca_jining.report.words import parameter_value

RECORD = {"synthetic": False, "source": "手算", "year": 2021, "projects": 3, "enterprises": 2, "measure": "total"}
STRETCH = ["low", "high", "value", "total", "flat"]
KINKS = ["value", "kind", "jump", "enterprises", "step"]


def texts(figure: Figure) -> str:
    """Everything that is written on a figure's axes."""
    return "\n".join(text.get_text() for axes in figure.axes for text in axes.texts)


def course(kinks=(), current=0.03, unit="/1", curve=((0.0, 0.0), (0.1, 5e6))) -> Course:
    span = Span("a.rate", unit, "2021-01-01", 0, 10, ())
    table = pandas.DataFrame(kinks, columns=KINKS)
    drawn = pandas.DataFrame(curve, columns=["value", "total"])
    return Course(span, "设备奖补比例", "合计", current, None, table, drawn, RECORD)


def stretch(*rows) -> pandas.DataFrame:
    return pandas.DataFrame(rows, columns=STRETCH)


def solved(solutions=(), leaps=(), **others) -> Solved:
    columns = ["below", "below_total", "above", "above_total"]
    empty = pandas.DataFrame()
    return Solved(course(**others), 2e6, stretch(*solutions), pandas.DataFrame(leaps, columns=columns), empty, empty)


def affordable(*rows, stretches=()) -> Affordable:
    table = pandas.DataFrame(stretches, columns=["low", "high"])
    return Affordable(course(), 2e6, table, stretch(*rows), pandas.DataFrame(), pandas.DataFrame())


def no_losers() -> NoLosers:
    empty = pandas.DataFrame()
    return NoLosers(course(), pandas.DataFrame(columns=["low", "high"]), stretch(), empty, empty, empty)


POINT = (0.04, 0.04, 0.04, 2e6, False)
FLAT = (0.04, 0.06, 0.05, 2e6, True)


@pytest.mark.parametrize(
    ("result", "title"),
    [
        (solved([POINT, FLAT]), "设备奖补比例有 2 处使合计正好 200.00 万元"),
        (solved([FLAT]), "设备奖补比例在 4% 至 6% 之间，合计正好 200.00 万元"),
        (solved(leaps=[(0.04, 1e6, 0.0401, 3e6)]), "设备奖补比例无论定为多少，合计都跳过 200.00 万元"),
        (solved(), "设备奖补比例在此范围内，合计到不了 200.00 万元"),
        (affordable(), "设备奖补比例在此范围内，合计都超过 200.00 万元"),
        (no_losers(), "设备奖补比例无论定为多少，都有企业受损"),
    ],
)
def test_goal_seek_says_how_many_answers_there_are(result, title):
    drawn = solve.course_chart(result)
    assert drawn.get_suptitle() == title
    lines = drawn.axes[0].lines
    if isinstance(result, Solved):
        hollow = [line for line in lines if line.get_markerfacecolor() == "white"]
        thick = [line for line in lines if line.get_linewidth() == 5]
        assert (len(hollow), len(thick)) == (2 * len(result.leaps), int(result.solutions["flat"].sum()))


def test_only_the_first_solutions_are_named_and_the_first_stretch_only():
    many = [(at / 100, at / 100, at / 100, 2e6, False) for at in range(1, 7)]
    written = texts(solve.course_chart(solved(many)))
    assert [f"{at}%" in written.split("\n") for at in range(1, 7)] == [True] * 4 + [False] * 2
    drawn = solve.course_chart(affordable(POINT, stretches=[(0.0, 0.02), (0.04, 0.05)]))
    assert texts(drawn).count("上限以内") == 1 and len(drawn.axes[0].patches) == 2


def test_the_largest_jumps_are_labelled_with_their_size():
    kinks = [
        (0.08, "门槛", 1e6, 3, 8),
        (0.02, "限额", -2e6, 1, 2),
        (0.021, "改选", 1.5e6, 1, 2),
        (0.05, "其他", 1e3, 1, 5),
    ]
    written = texts(solve.course_chart(solved([POINT], kinks=kinks)))
    assert "8%：+100 万元（3 家）" in written and "2%：-200 万元（1 家）" in written
    assert "2.1%" not in written and "5%：" not in written


@pytest.mark.parametrize("current", [None, 0.3])
def test_a_current_value_outside_the_range_is_not_drawn(current):
    assert "现行" not in texts(solve.course_chart(solved([POINT], current=current)))
    assert "现行 3%" in texts(solve.course_chart(solved([POINT])))


def test_values_and_ranges_in_few_digits():
    assert [solve.short(2.0, "家"), solve.short(2_134_567.0, "元"), solve.short(2.5, "")] == [
        "2 家",
        "213.457 万元",
        "2.5",
    ]
    row = {"low": 1e6, "high": 3e6, "value": 2e6, "flat": True}
    assert solve._between(row, "元") == "在 100 至 300 万元之间"


def frontier(*rows, current=0.03, baseline=2e6) -> Frontier:
    columns = ["first", "kind", "low", "high", "value", "total", "flat"]
    names = {"a.rate": "比例", "a.cap": "限额"}
    return Frontier(
        Axis("a.rate", (0.02, 0.03, 0.04), "2021-01-01"), Span("a.cap", "元", "2021-01-01", 0, 10, ()), names,
        {"a.rate": "/1", "a.cap": "元"}, {"a.rate": current, "a.cap": 1e6}, "合计", baseline, 2e6,
        pandas.DataFrame(rows, columns=columns), RECORD,
    )  # fmt: skip


def test_a_frontier_without_a_pair_says_so():
    drawn = solve.frontier_chart(frontier((0.02, "none", 0, 0, 5e5, 1e6, False), current=None))
    assert drawn.get_suptitle() == "没有一种搭配使合计为 200.00 万元"
    assert texts(drawn) == "每一种取值下，合计都停在目标的一边" and not drawn.axes[0].axison


def test_a_frontier_names_each_value_once_and_explains_hollow_points():
    rows = [(0.02, "solution", 9e5, 9e5, 9e5, 2e6, False), (0.03, "solution", 9e5, 9e5, 9e5, 2e6, False)]
    rows += [(0.04, "leap", 5e5, 6e5, 5e5, 1e6, False)]
    written = texts(solve.frontier_chart(frontier(*rows))).split("\n")
    assert written == ["90", "现行：200.00 万元", "空心：合计在此跳过目标"]
    flat = [(0.02, "solution", 8e5, 9e5, 9e5, 2e6, True), (0.02, "solution", 3e5, 3e5, 3e5, 2e6, False)]
    drawn = solve.frontier_chart(frontier(*flat, baseline=None))
    assert "现行" in texts(drawn).split("\n")
    assert drawn.get_suptitle() == "「比例」的 3 种取值中，1 种可配上另一参数，使合计为 200.00 万元"


# ----- sweeps -----


def swept(values, totals, current=0.03, second=None) -> Sweep:
    axes = (Axis("a.rate", tuple(values), "2021-01-01"),)
    if second is not None:
        axes += (Axis("a.cap", tuple(second), "2021-01-01"),)
    rows = [(one, *((other,) if second else ())) for one in values for other in (second or [0])]
    table = pandas.DataFrame(rows, columns=[axis.path for axis in axes]).assign(total=totals, cap_share=0.0)
    names = {"a.rate": "比例", "a.cap": "限额"}
    return Sweep(
        axes, names, {"a.rate": "/1", "a.cap": ""}, {"a.rate": current, "a.cap": 2.0}, table, 1e6, pandas.DataFrame(), RECORD
    )  # fmt: skip


@pytest.mark.parametrize(("total", "top"), [(1e6, 1.2e6), (0.0, 10_000)])
def test_a_parameter_that_moves_nothing(total, top):
    drawn = sweep.response_chart(swept([0.02, 0.05], [total, total], current=None))
    assert drawn.get_suptitle() == "合计不随「比例」变动"
    assert drawn.axes[0].get_ylim() == (0, top)
    assert "变动前" not in texts(drawn)


def test_one_point_or_words_make_no_chart():
    assert sweep.charts(swept([0.02], [1e6])) == {}
    assert sweep.charts(swept(["甲", "乙"], [1e6, 2e6])) == {}
    assert sweep.unit_axis(Figure().add_subplot().xaxis, "") == ""


@pytest.mark.parametrize(("totals", "current", "lines"), [([1e6] * 4, 0.3, 0), ([1e6, 2e6, 3e6, 4e6], 0.03, 1)])
def test_a_heat_map_draws_lines_of_equal_budget_only_where_budgets_differ(totals, current, lines):
    drawn = sweep.heat_map(swept([0.02, 0.05], totals, current=current, second=[1.0, 3.0]))
    assert ("变动前" in texts(drawn)) == bool(lines)
    assert ("合计都是 100 万元" in drawn.get_suptitle()) != bool(lines)
    assert bool([one for one in drawn.axes[0].collections if "Contour" in type(one).__name__]) == bool(lines)


# ----- sensitivity -----


def banded(*rows) -> ReadingsBand:
    names = ["year", "mean", "se", "dice_low", "dice_high", "low", "high", "joint_low", "joint_high"]
    table = pandas.DataFrame(rows, columns=names)
    return ReadingsBand((2021, 2022), 100, table, pandas.DataFrame(), True, RECORD)


@pytest.mark.parametrize(
    ("rows", "title", "bars"),
    [
        ([(2021, 0, 0, 0, 0, 0, 0, math.nan, math.nan)], "预测的各年都没有支出", 0),
        (
            [(2021, 2e6, 0, 1e6, 3e6, 1.5e6, 2.5e6, math.nan, math.nan)],
            "2021 年换一种读法，期望支出在 150 至 250 万元之间，比抽样的 80% 区间窄",
            2,
        ),
        (
            [(2021, 2e6, 0, 1e6, 3e6, 1.5e6, 2.5e6, 5e5, 6e6), (2022, 1e5, 0, 0, 9e5, 1e5, 1e5, 0, 8e6)],
            "2021 年各种读法一起换，期望支出在 50 至 600 万元之间，比抽样的 80% 区间宽",
            6,
        ),
    ],
)
def test_the_band_of_readings_is_beside_that_of_the_dice(rows, title, bars):
    drawn = sensitivity.band_chart(banded(*rows))
    assert drawn.get_suptitle() == title
    assert len(drawn.axes[0].patches) == bars and drawn.axes[0].axison == bool(bars)


def test_drivers_that_move_nothing():
    ends = [("low", 0.5, 0.0), ("high", 1.0, 0.0)]
    rows = [("d", "节奏", "", 1.0, end, value, 0, move, 0.0, move, 0.0) for end, value, move in ends]
    names = ["driver", "label", "unit", "default", "end", "value", "year", "mean", "mean_se", "q90", "q90_se"]
    effects = pandas.DataFrame(rows, columns=names)
    none = Sensitivity((2021,), 100, pandas.DataFrame(), effects, pandas.DataFrame(), RECORD)
    found = sensitivity.charts(none, banded((2021, 0, 0, 0, 0, 0, 0, math.nan, math.nan)))
    assert {name: draw().get_suptitle() for name, draw in found.items()} == {
        "驱动因素影响": "没有一个驱动因素影响预测支出",
        "读法与抽样": "预测的各年都没有支出",
    }
    moving = Sensitivity((2021,), 100, pandas.DataFrame(), effects.assign(mean=[-1e6, 0.0]), pandas.DataFrame(), RECORD)
    written = texts(sensitivity.tornado_chart(moving)).split("\n")
    assert written == ["0.5", "0.5"]  # the high value is the present one: it has no label


# ----- others -----


def test_support_that_nobody_gets_and_values_without_a_unit():
    pieces = pandas.DataFrame({"project": ["甲"], "rate": [0.0], "jump": [0.0]})
    assert notch.support_words(pieces, {"图": ["甲"]}) == "沿投资没有任何支持"
    count = SimpleNamespace(metadata={"unit": "家"})
    assert [parameter_value(count, value) for value in ("先到先得", 2, None)] == ["先到先得", "2 家", "无"]


def test_a_transplant_says_what_was_left_out_and_assumed():
    firms = pandas.DataFrame({"enterprise_size": ["小型"], "home": [1e6], "after": [1e6], "difference": [0.0]})
    result = SimpleNamespace(
        relabelled=1, left_out=["e2", "e3"], dates={"projects": 4}, record=RECORD, title="甲文件", place="乙县",
        assumed=pandas.DataFrame({"label": ["投入使用"], "value": ["是"]}),
        by=lambda _: firms.assign(gain=0, lose=0, same=1).set_index("enterprise_size"),
        counts=lambda: {"gain": 0, "lose": 0, "same": 1},
    )  # fmt: skip
    note = (
        "1 家视同在该文件的地域内注册，事实不变；2 家缺事实，没有计算；4 个项目的申报不在执行期内；假定：投入使用=是。"
    )
    assert transplant._note(result).startswith(note)
    drawn = transplant.sides_chart(result)
    assert drawn.get_suptitle() == "甲文件 的办法用于乙县企业：0 家增加，0 家减少，1 家不变"
    assert not drawn.legends and drawn.axes[0].get_legend() is None


def test_a_driver_may_move_the_appropriation_only():
    rows = [("d", "节奏", "", 1.0, end, 2.0, 0, 0.0, 0.0, move, 0.0) for end, move in (("low", 0.0), ("high", 5e6))]
    names = ["driver", "label", "unit", "default", "end", "value", "year", "mean", "mean_se", "q90", "q90_se"]
    effects = pandas.DataFrame(rows, columns=names)
    drawn = sensitivity.tornado_chart(
        Sensitivity((2021,), 100, pandas.DataFrame(), effects, pandas.DataFrame(), RECORD)
    )
    assert texts(drawn).split("\n") == [
        "期望支出（实付）的变动为 0",
        "90% 把握的预算安排（资金池之前）的变动不为 0，见数据表",
    ]


def test_a_comparison_in_which_nothing_is_paid():
    none = pandas.DataFrame({"baseline": [0.0], "reform": [0.0]}, index=["设备奖补"])
    result = SimpleNamespace(change=lambda _: none, difference=0.0, baseline=SimpleNamespace(year=2021, record=RECORD))
    drawn = budget.comparison_chart(result, "甲")
    assert drawn.get_suptitle() == "改革后 2021 年支出不变"
    assert texts(drawn) == "两种政策下都没有一项政策工具有实付"


def test_a_forecast_in_which_a_reform_moves_nothing():
    axes = Figure().add_subplot()
    columns = ["year", "mean", "se", "q10", "q90"]
    forecast._money_moved(axes, pandas.DataFrame([[2022, 0.0, 0.0, 0.0, 0.0]], columns=columns))
    assert axes.get_yticks().tolist() == [0]
    axes = Figure().add_subplot()
    forecast._risk_moved(axes, pandas.DataFrame(columns=["before", "after", "change", "fund", "year"]), several=False)
    assert axes.texts[0].get_text() == "资金都不会用完" and not len(axes.get_yticks())
    means = pandas.DataFrame({"mean": [0.0], "se": [0.0]})
    same = SimpleNamespace(years=(2022,), difference_over_years=lambda: means)
    assert forecast._difference_title(same) == "2022 年支出平均与现行相同"


def test_small_charts_that_do_not_fill_the_last_row_leave_it_empty():
    drawn, panels = forecast._small_charts("题", "注", list("甲乙丙丁戊"), 2.0, None)
    assert len(panels) == len(drawn.axes) == 5


@pytest.mark.parametrize(
    ("second", "title"),
    [
        (0.1, "按 CRPS，预测（合计）都胜过两种朴素预测"),
        (-0.1, "按 CRPS，预测（合计）只在趋势时同时胜过两种朴素预测"),
    ],
)
def test_where_the_forecast_beats_the_naive_ones(second, title):
    skills = {"payer": backtest.TOTAL, "process": ["a", "b"], "skill_last": [0.2, 0.2], "skill_plain": [0.1, second]}
    named = [SimpleNamespace(name="a", label="合成年度，趋势"), SimpleNamespace(name="b", label="合成年度，平稳")]
    assert backtest.skill_title(SimpleNamespace(processes=named), pandas.DataFrame(skills)) == title


@pytest.mark.parametrize(
    ("low", "end"), [(1e6, "之间，相差 5 万元"), (0.0, "万元之间"), (5e5, "，最高是最低的 2.1 倍")]
)
def test_how_far_readings_are_apart(low, end):
    assert readings._band_title(SimpleNamespace(measure="实付合计"), low, 1.05e6).endswith(end)


def test_readings_whose_measure_is_one_payer():
    def combination(name, total):
        return SimpleNamespace(name=name, total=total, proven=True, payers={"市级": total, "区级": 9e6})

    search = SimpleNamespace(lowest=combination("最低", 0.0), highest=combination("最高", 2e6))
    result = SimpleNamespace(
        search=search, counts_all=False, measure="市级", default=1e4, paid_by_payer={}, record=RECORD
    )  # fmt: skip
    drawn = readings.band_chart(result)
    assert texts(drawn).split("\n") == ["200", "合计 0.00", "合计 1.00", "合计 200.00"]
    with pytest.raises(ValueError, match="no combinations were searched"):
        readings.band_chart(SimpleNamespace(search=None))


def test_a_frontier_whose_present_value_is_open_marks_no_present():
    rows = [(0.02, "solution", 9e5, 9e5, 9e5, 2e6, False)]
    assert texts(solve.frontier_chart(frontier(*rows, current=None))) == "90"


def test_a_forecast_of_the_current_law_without_claims_has_one_chart():
    nothing = pandas.DataFrame()
    result = SimpleNamespace(exhaustion=lambda: nothing, appropriation=lambda: nothing, laws=("现行政策",))
    assert list(forecast.charts(result)) == ["各年支出"]
