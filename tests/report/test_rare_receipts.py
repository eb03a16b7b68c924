"""Sentences of receipts, memos and comparisons that seldom occur, each on a result made by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import pandas
import pytest

from openfisca_jining.analysis.budget import LEDGER
from openfisca_jining.analysis.explain import Change, ConditionShown, InstrumentReceipt, Receipt, Shown, Step
from openfisca_jining.reforming import SINGLE
from openfisca_jining.report import receipt
from openfisca_jining.report.charts.budget import _ledger_title
from openfisca_jining.report.memo.content import _Writing, memo
from openfisca_jining.report.memo.grounds import Grounds
from openfisca_jining.report.memo.parts import Draft
from openfisca_jining.report.words import exhausted

MONEY = Shown("equipment_investment", "设备投资额", 4e6, "元")
LINE = Shown("a.line", "最低投资", 5e6, "元")
DATE = Shown("application_date", "申报日期", None, "date")
CONDITION = ConditionShown("投资达到", False, MONEY, "at_least", LINE, (), (), "c", "济宁 2017 第一条", False, False)
ONE = InstrumentReceipt(
    "a", "设备奖补", "d", "市级", ("第一条",), True, "", True, (CONDITION,), None, 0.0, 0.0, 0.0, 0.0, (), ()
)


def test_a_condition_says_how_much_is_missing_where_money_is_missing():
    assert (
        "实为 400.00 万元（4,000,000.00 元），须达到 500.00 万元（5,000,000.00 元）；还差 100.00 万元"
        in receipt.condition_text(CONDITION)
    )
    share = replace(CONDITION, amount=replace(MONEY, value=0.2, unit="/1"), line=replace(LINE, value=0.3, unit="/1"))
    assert receipt.condition_text(share) == "投资达到：实为 20%，须达到 30%【济宁 2017 第一条】"
    closed = replace(CONDITION, text="在执行期内申报", amount=None, line=None)
    assert receipt.condition_text(closed) == "在执行期内申报：本年度没有可申报的日子【济宁 2017 第一条】"


def test_an_instrument_that_a_reform_opens_says_that_the_conditions_are_those_of_today():
    assert "按改革后的规定符合条件（下列是现行条件）" in next(iter(receipt.instrument_lines(ONE)))
    shut = replace(ONE, eligible=False, conditions=(replace(CONDITION, met=True),))
    assert "按改革后的规定不符合条件" in next(iter(receipt.instrument_lines(shut)))


def test_a_step_that_gives_says_where_the_money_comes_from():
    step = Step("pool", "资金池", -100.0, "资金不足", (), None, (), "", "c", "")
    assert receipt.step_text(step) == "资金池：增 0.01 万元（100.00 元）。同一企业的其他项目让出了限额或资金"


@pytest.mark.parametrize(
    ("before", "after", "kind", "words"),
    [
        (DATE, replace(DATE, value="2021-03-05"), "date", "如果申报日期是 2021-03-05（现在未填写）"),
        (
            Shown("employees", "职工人数", 20, "人"),
            Shown("employees", "职工人数", 30, "人"),
            "threshold",
            "如果职工人数由 20 人 改为 30 人",
        ),
        (
            Shown("share", "比例", 0.05, "/1"),
            Shown("share", "比例", 0.125, "/1"),
            "threshold",
            "如果比例由 5% 改为 12.5%",
        ),
    ],
)
def test_a_change_of_what_is_not_money(before, after, kind, words):
    assert receipt.change_text(Change("p", kind, before, after, (), None, 0.0, 1.0, 1.0, ())) == words


def test_a_receipt_without_readings_and_gaps_ends_with_its_record():
    record = {"source": "", "projects": 1, "enterprises": 1, "reforms": [], "package": "1", "data_sha256": "ab" * 32}
    empty = Receipt(2021, "E1", "", False, (), 0.0, (), (), (), (), (), (), record)
    assert list(receipt.closing(empty)) == [
        "数据：未注明来源，1 个项目、1 家企业。",
        "程序 openfisca-jining 1，数据指纹 abababababab。",
    ]
    assert receipt.value_text(None, "元") == "文件未定"


# ----- funds -----


def sides(old, new):
    """A comparison with one fund: (available, claimed, paid) before and after."""
    columns = ["fund", "available", "claimed", "paid", "left", "rule"]
    tables = [
        SimpleNamespace(funds=pandas.DataFrame([["资金", *one, one[0] - one[2], "同比例"]], columns=columns))
        for one in (old, new)
    ]
    return SimpleNamespace(baseline=tables[0], reform=tables[1])


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ((3e6, 2e6, 2e6), (3e6, 4e6, 3e6), "资金 300.00 万元只在改革下用完，超出的申请不予支付（办法：同比例）"),
        ((3e6, 4e6, 3e6), (3e6, 2e6, 2e6), "资金 300.00 万元只在现行下用完"),
        ((3e6, 4e6, 3e6), (2e6, 4e6, 2e6), "资金由 300.00 万元变为 200.00 万元，两种政策下都已用完"),
    ],
)
def test_a_fund_that_runs_out_is_said(old, new, said):
    (sentence,) = exhausted(sides(old, new))
    assert sentence.startswith(said) and "：申请由 " in sentence


def pool(**others):
    return {"available": 3e6, "claimed": 2e6, "paid": 2e6, "left": 1e6, "rule": "同比例"} | others


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (None, pool(), "资金：只在改革下存在。"),
        (pool(), None, "资金：只在现行政策下存在。"),
        (
            pool(),
            pool(claimed=4e6, paid=3e6),
            "改革使资金池用完，100.00 万元不予支付（分配办法：同比例），差额因此小于申请的变化。",
        ),
    ],
)
def test_what_a_pool_means_in_a_memo(before, after, said):
    writing = SimpleNamespace(comparison=object(), _pool_of_one=_Writing._pool_of_one)
    assert _Writing._pool(writing, "资金", before, after).endswith(said)


def test_a_memo_by_what_does_not_exist_is_refused():
    with pytest.raises(KeyError, match="不能按「颜色」分组。可选："):
        memo(None, by=["颜色"])


def test_a_value_of_a_parameter_that_a_reform_adds_is_shown_as_it_is():
    assert [_Writing._shown(None, value) for value in (None, 5)] == ["无", "5"]


def test_a_year_that_promises_nothing_says_so():
    nothing = pandas.Series(dict.fromkeys(LEDGER, 0.0))
    assert _ledger_title(SimpleNamespace(year=2025), nothing) == "2025 年没有按比例应得的资金"


def test_enterprises_of_a_memo_are_named_where_a_name_is_known():
    writing = SimpleNamespace(names={"E1": "甲厂"})
    assert [_Writing._key(writing, key, ("enterprise",)) for key in ("E1", "E2")] == [("E1 甲厂",), ("E2",)]


def test_a_memo_of_a_year_that_pays_nobody_lists_nobody():
    draft = Draft()
    paid = pandas.DataFrame({"promised": [1.0], "paid": [0.0]}, index=["E1"])
    before = SimpleNamespace(by=lambda _: paid, enterprises_paid=0, average=0.0)
    _Writing._largest_paid(SimpleNamespace(before=before, listed=10, draft=draft))
    assert [block.text for block in draft.blocks] == ["获补企业 0 家，平均每家 0.00 万元。"]


def test_a_reform_of_single_parameters_is_named_by_its_changes():
    record = SimpleNamespace(record={"reforms": []})
    after = SimpleNamespace(record={"reforms": [SINGLE]})
    rows = [("设备奖补比例", "2021-01-01", "3%", "5%", "")]
    writing = SimpleNamespace(comparison=object(), before=record, after=after, _changed_rows=lambda: rows)
    assert _Writing._name(writing) == "设备奖补比例由 3% 改为 5%（2021-01-01 起）"
    writing._changed_rows = list
    assert _Writing._name(writing) == "与现行相同"


def test_a_memo_says_where_a_reform_changes_no_parameter():
    draft, record = Draft(), {"reform_modules": [], "changes": [{"parameter": "a", "date": "2021-01-01", "reform": 1}]}
    both = SimpleNamespace(record=record)
    writing = SimpleNamespace(comparison=object(), draft=draft, before=both, after=both, name="甲", parameters={})
    writing._changed_rows = lambda: _Writing._changed_rows(writing)
    _Writing._changes(writing)
    assert draft.blocks[-1].text == "改革名称：甲。没有改动参数。"


def test_a_memo_says_that_nothing_is_left_unstated_and_what_the_check_of_the_reform_remarked():
    draft = Draft()
    after = SimpleNamespace(unstated=pandas.DataFrame({"document": ["jining_2017"]}))
    Grounds._unstated(SimpleNamespace(draft=draft, _with_money=[], after=after))
    assert draft.blocks[-1].text == "本测算涉及的文件没有未写明的数额。"
    record = {"synthetic": False, "source": "表", "year": 2021, "projects": 1, "enterprises": 1, "notes": ()}
    Grounds._method(SimpleNamespace(draft=draft, comparison=None, record=record | {"remarks": ["比例大于一"]}))
    assert draft.blocks[-1].text == "程序对改革写法的提示：比例大于一"
