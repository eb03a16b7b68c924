"""Charts: no backend, no global figures, every character drawn, into axes and figures that others own."""

from __future__ import annotations

import subprocess
import sys
import warnings

import pytest
from matplotlib.figure import Figure

from openfisca_jining.analysis.axes import axis
from openfisca_jining.analysis.compare import compare
from openfisca_jining.analysis.sweep import sweep
from openfisca_jining.population.example import example
from openfisca_jining.reforming import reformed
from openfisca_jining.report import style
from openfisca_jining.report.charts import budget as budgets
from openfisca_jining.report.charts import compare as compares
from openfisca_jining.report.charts import png
from openfisca_jining.report.charts import sweep as sweeps


@pytest.fixture(scope="module")
def comparison(system):
    return compare(example(), system, reformed(system, reforms=["yanzhou_cap_and_jining_rate"]))


def test_charts_choose_no_backend_and_leave_no_figure_behind():
    code = (
        "import sys, matplotlib\n"
        "from openfisca_jining.report.charts import budget, compare, forecast, notch, solve, sweep\n"
        "print('matplotlib.pyplot' in sys.modules, matplotlib.get_backend(auto_select=False))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False None"


def test_a_chart_draws_into_the_axes_given_and_leaves_their_figure_alone(comparison):
    own = Figure(figsize=(12, 5))
    left, right = own.subplots(1, 2)
    before = left.get_position().bounds
    assert budgets.ledger_chart(comparison.reform, axes=left) is own
    assert compares.bands_chart(comparison, "试", axes=right) is own
    assert left.get_position().bounds == before
    assert own.texts == [] and own.get_suptitle() == ""
    assert "实付" in left.get_title(loc="left") and "家企业增加" in right.get_title(loc="left").replace("\n", "")
    left.clear()
    assert budgets.ledger_chart(comparison.baseline, "现行政策").get_suptitle().startswith("现行政策：2021 年")
    budgets.ledger_chart(comparison.baseline, axes=left)
    assert len(left.patches) == len(budgets.ledger_chart(comparison.baseline).axes[0].patches)


def test_a_chart_of_several_axes_fills_the_figure_given(system):
    result = sweep(example(), system, [axis(system, "jining_2017.equipment.rate=1%:5%:1%", "2021-01-01")])
    own = Figure(figsize=(8, 6))
    assert sweeps.response_chart(result, figure=own) is own
    assert tuple(own.get_size_inches()) == (8, 6)
    assert len(own.axes) == 2 and "合计" in own.get_suptitle()


def test_the_font_draws_every_character_without_a_warning():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        drawn, axes = style.figure("喆堃昇龘 −1.5 万元 ≥ 5%", "来源：①、「」“”—…", (6, 2))
        style.say(axes, "空")
        assert png(drawn).startswith(b"\x89PNG")


def test_lines_break_between_pieces_and_numbers_keep_their_unit():
    assert style.wrapped("改革后支出增加 510.00 万元，其余不变", 16) == "改革后支出增加\n510.00 万元，\n其余不变"
    assert "\n" not in style.wrapped("短", 10)


@pytest.mark.parametrize(("yuan", "shown"), [(0, "0"), (5_000, "0.5"), (12_345_678, "1,234.5678"), (-3e9, "-300,000")])
def test_money_axes_never_turn_to_powers_of_ten(yuan, shown):
    _drawn, axes = style.figure("", "", (4, 2))
    style.wan_axis(axes.xaxis)
    assert axes.xaxis.get_major_formatter()(yuan) == shown
