"""Planted mistakes in reforms: each is found, with its severity and the nearest right thing; what is right is left alone."""

from __future__ import annotations

import re

import pandas
import pytest
from openfisca_core.reforms import Reform

from openfisca_jining.cli import main, parser
from openfisca_jining.commands.common import law_of
from openfisca_jining.errors import UnstatedParameter
from openfisca_jining.law import changing, leaves
from openfisca_jining.money import LARGEST
from openfisca_jining.population import Population
from openfisca_jining.reform_files import examples
from openfisca_jining.reform_lint import ERROR, WARNING, RefusedReform, lint, refuse
from openfisca_jining.reforming import reform_class, reform_modules

RATE, CAP = "jining_2017.equipment.rate", "jining_2017.equipment.cap_per_enterprise"
YANZHOU_RATE, MEMBERS = "yanzhou_2020.equipment.rate", "yanzhou_2020.consortium.minimum_members"
VAT, LAST_DAY = "national.vat.machinery", "yanzhou_2020.validity.last_day"
MODULE = "yanzhou_cap_and_jining_rate"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text, name="reform.yaml"):
    with open(name, "w", encoding="utf-8") as stream:
        stream.write(text)
    return name


def one_claim(county="rencheng", amount=30_000_000.0, year=2021) -> Population:
    """One encouraged project in use, alone."""
    projects = pandas.DataFrame(
        {
            "project_id": ["p"],
            "enterprise_id": ["e"],
            "equipment_investment": [amount],
            "catalogue_category": ["encouraged"],
            "in_use": [True],
        }
    )
    enterprises = pandas.DataFrame({"enterprise_id": ["e"], "county": [county], "yield_per_mu_class": ["B"]})
    return Population(year, projects, enterprises, "一个项目")


#: Planted mistakes: change, severity, path concerned, words of message and suggestion in their order.
PLANTED = {
    "misspelt": (f"{RATE}s=4%@2021-01-01", ERROR, f"没有参数 {RATE}s.*是不是 {RATE}、"),
    "without its document": ("equipment.rate=4%@2021-01-01", ERROR, f"是不是 {RATE}、{YANZHOU_RATE}、"),
    "by its label": ("有效期末日=2025-01-01@1900-01-01", ERROR, r"是不是 .*yanzhou_2020\.validity\.last_day"),
    "group": ("jining_2017.equipment=4%@2021-01-01", ERROR, f"一组参数，不能赋值。请写其中一个：{RATE}、"),
    "reading misspelt": ("yanzhou_2020.readings.robot_bass=x@2021-01-01", ERROR, r"是不是 yanzhou_2020\.robot_base？"),
    "3 for 3 %": (f"{RATE}=3@2021-01-01", ERROR, "是比例，读到 3，即 300%，超过 100%。是不是 3%，即 0.03？"),
    "300 %": (f"{RATE}=300%@2021-01-01", ERROR, "超过 100%"),
    "0.5 for 0.5 %": (
        f"{RATE}=0.5@2021-01-01",
        WARNING,
        "读到 50%，现行 3%，是现行值的 16.7 倍。是不是 0.5%，即 0.005？",
    ),
    "0.03 %": (f"{RATE}=0.03%@2021-01-01", WARNING, "读到 0.03%，现行 3%，只有现行值的 100 分之一"),
    "万元": (
        f"{CAP}=500@2021-01-01",
        ERROR,
        "读到 500 元，现行 3,000,000 元，像是把万元写成了元。是 500 万元，请写 500万元",
    ),
    "亿元": ("jining_2020.special_fund.amount=3@2021-01-01", ERROR, "像是把亿元写成了元。是 3 亿元，请写 3亿元"),
    "meant in 元": (f"{CAP}=500元@2021-01-01", WARNING, "读到 500 元，现行 3,000,000 元，只有现行值的 6,000 分之一"),
    "万 twice": (f"{CAP}=3000000万元@2021-01-01", WARNING, "读到 30,000,000,000 元.*是现行值的 10,000 倍"),
    "beyond counting": (f"{CAP}=1e14@2021-01-01", ERROR, "大得无法精确到分"),
    "below a fen": (f"{CAP}=3000000.005@2021-01-01", ERROR, "只到分"),
    "percent of money": (f"{CAP}=3%@2021-01-01", ERROR, "单位是「元」，不是比例，不能带百分号"),
    "money for a share": (f"{RATE}=300元@2021-01-01", ERROR, "是比例"),
    "half a member": (f"{MEMBERS}=2.5@2021-01-01", ERROR, "读到 2.5，单位是「家」，应为整数"),
    "negative": (f"{RATE}=-4%@2021-01-01", ERROR, "读到 -4%，不能是负数。是不是 4%？"),
    "not a number": (f"{RATE}=nan@2021-01-01", ERROR, "有限的数字"),
    "infinite": (f"{CAP}=inf@2021-01-01", ERROR, "有限的数字"),
    "not a day": (f"{LAST_DAY}=2025@1900-01-01", ERROR, "日期应写成 YYYY-MM-DD"),
    "no such day": (f"{RATE}=4%@2021-02-29", ERROR, "起始日期「2021-02-29」：历法上没有这一天"),
    "form": (f"{RATE}=4%", ERROR, f"写法不对，应为 参数路径=值@起始日期。如 {RATE}=4%@2021-01-01。"),
    "later values": (
        f"{VAT}=10%@2017-01-01",
        WARNING,
        f"盖掉法规以后的值：2018-05-01 起 16%、2019-04-01 起 13%。要保留，.*{VAT}=原值@2018-05-01",
    ),
    "does nothing": (f"{RATE}=3%@2021-01-01", WARNING, "自 2021-01-01 起为 3%，与现行值相同，不起作用"),
    "ends what never began": (f"{RATE}=原值@2021-01-01", WARNING, "在此之前没有改过它，不起作用"),
    "after the document": (
        f"{YANZHOU_RATE}=4%@2023-08-15",
        WARNING,
        "用不上：.*受理申报的日子：2020-08-15 至 2023-08-14",
    ),
    "before the document": (
        f"{YANZHOU_RATE}=4%@2020-08-14",
        WARNING,
        "早于文件开始受理申报的 2020-08-15。写 2020-08-15 即可",
    ),
    "after the claim year": (f"{YANZHOU_RATE}=4%@2022-01-01", WARNING, "晚于申报年度 2021，对这一年的测算没有影响"),
    "reading within a year": (
        "yanzhou_2020.readings.robot_base=robot_purchase_only@2021-07-01",
        ERROR,
        "一个申报年度只能有一种读法。请从 1 月 1 日起改",
    ),
}


@pytest.mark.parametrize("planted", PLANTED.values(), ids=PLANTED)
def test_a_planted_mistake_is_found(system, planted):
    change, severity, words = planted
    found = lint(system, changes=[change], year=2021 if "申报年度 2021" in words else None)
    assert [one.severity for one in found] == [severity], found
    assert found[0].parameter == (change if words.startswith("写法") else change.partition("=")[0])
    assert found[0].source == "参数改动"
    assert re.search(words, found[0].message + found[0].suggestion), found[0]


#: Changes that are right: nothing is said about them.
CLEAN = [
    [f"{RATE}=4%@2021-01-01"],
    [f"{RATE}=30%@2021-01-01"],  # 恰为十倍
    [f"{YANZHOU_RATE}=4%@2021-01-01", f"{YANZHOU_RATE}=5%@2022-01-01"],
    [f"{CAP}=0@2021-01-01"],  # 取消
    [f"{CAP}={LARGEST}@2021-01-01"],  # 不设限额
    ["yanzhou_2020.equipment.minimum_investment=0.01@2021-01-01"],  # 等于没有门槛
    [f"{YANZHOU_RATE}=4%@2020-08-15"],
    [f"{YANZHOU_RATE}=4%@2023-08-14"],
    [f"{YANZHOU_RATE}=4%@2023-08-15", f"{LAST_DAY}=2024-08-14@1900-01-01"],  # 有效期也延长
    [f"{VAT}=15%@2018-05-01", f"{VAT}=原值@2019-04-01"],
    [f"{VAT}=10%@2019-04-01"],
    ["zaozhuang_2020.equipment.cap_per_enterprise=200万元@2021-01-01"],  # 文件未定的，从某日起提供
    [f"{MEMBERS}=3@2021-01-01"],
    ["yanzhou_2020.readings.robot_base=robot_purchase_only@2022-01-01"],
]


@pytest.mark.parametrize("changes", CLEAN)
def test_what_is_right_is_left_alone(system, changes):
    assert lint(system, changes=changes) == []


def test_readings_and_supplies_that_are_right_are_left_alone(system):
    readings = ["yanzhou_2020.robot_base=project_equipment_investment", "common.rounding=truncate"]
    assert lint(system, readings=readings, supply=["jining_2017.cloud_vouchers.city_share=20%"]) == []


def test_a_clean_file_and_the_examples_lint_without_findings(system):
    file = write(f"title: 好\nchanges:\n  {RATE}: {{2021-01-01: 4%, 2022-01-01: 原值}}\n")
    assert lint(system, reforms=[file], population=one_claim()) == []
    for example in examples():
        assert lint(system, reforms=[example]) == [], example


@pytest.mark.parametrize("module", reform_modules())
def test_every_parametric_module_lints_without_errors(system, module):
    if getattr(reform_class(module), "changes", None) is not None:
        refuse(lint(system, reforms=[module]))


def test_there_are_parametric_modules_to_lint():
    assert MODULE in reform_modules()


def test_the_law_is_not_touched(system):
    before = {leaf.name: [(at.instant_str, at.value) for at in leaf.values_list] for leaf in leaves(system.parameters)}
    lint(
        system, reforms=[MODULE, "jining_rate_half_year.yaml"], changes=[f"{CAP}=3@2021-01-01"], population=one_claim()
    )
    after = {leaf.name: [(at.instant_str, at.value) for at in leaf.values_list] for leaf in leaves(system.parameters)}
    assert after == before


# ----- readings and supplies -----


def test_unknown_readings_and_values_are_found_with_the_nearest(system):
    found = lint(system, readings=["yanzhou_2020.robot_basis=robot_purchase_only", "common.rounding=half_upp"])
    assert [(one.severity, one.suggestion) for one in found] == [
        (ERROR, "是不是 yanzhou_2020.robot_base？"),
        (ERROR, "是不是 half_up（四舍五入到分，每个企业每项政策一次）？"),
    ]
    assert "没有「half_upp」这一种。可选：half_up、truncate" in found[1].message


def test_a_reading_is_understood_by_its_chinese_name_as_a_hint(system):
    (found,) = lint(system, readings=["common.rounding=四舍五入"])
    assert (found.severity, found.suggestion) == (ERROR, "是不是 half_up（四舍五入到分，每个企业每项政策一次）？")


def test_supplying_what_the_text_states_is_said_to_be_a_change(system):
    (found,) = lint(system, supply=["jining_2017.zone_pool.amount=3000万元"])
    assert (found.severity, found.source) == (WARNING, "给定的读法和数额")
    assert "文件已写明（20,000,000 元），这不是提供数额，而是改变规定" in found.message
    (found,) = lint(system, reforms=[write("supply: {jining_2017.zone_pool.amount: 3000万元}", "s.yaml")])
    assert (found.severity, found.source) == (WARNING, "s（s.yaml）")
    (found,) = lint(system, supply=["jining_2017.cloud_vouchers.city_share=20"])
    assert found.severity == ERROR and "是不是 20%" in found.suggestion


# ----- several reforms -----


def test_two_reforms_of_one_value_are_both_named_and_the_winner(system):
    file = write(f"title: 再提高\nchanges: {{{RATE}: {{2021-07-01: 5%}}}}\n")
    (found,) = lint(system, reforms=[MODULE, file])
    name = f"{reform_class(MODULE).name}（{MODULE}）"
    assert (found.severity, found.parameter, found.source) == (WARNING, RATE, "再提高（reform.yaml）")
    assert f"「{name}」自 2021-01-01 起为 4%，「再提高（reform.yaml）」自 2021-07-01 起为 5%" in found.message
    assert found.message.endswith("自 2021-07-01 起重叠。")
    assert "以后列的「再提高（reform.yaml）」（5%）为准" in found.suggestion
    (found,) = lint(system, reforms=[file, MODULE])
    assert f"以后列的「{name}」（4%）为准" in found.suggestion


def test_reforms_of_one_value_that_do_not_overlap_are_left_alone(system):
    first = write(f"changes: {{{RATE}: {{2021-01-01: 4%, 2021-07-01: 原值}}}}\n", "1.yaml")
    second = write(f"changes: {{{RATE}: {{2021-07-01: 5%}}}}\n", "2.yaml")
    assert lint(system, reforms=[first, second]) == []
    assert [one.severity for one in lint(system, reforms=[second, first])] == []
    same = write(f"changes: {{{RATE}: {{2021-09-01: 5%}}}}\n", "3.yaml")
    assert lint(system, reforms=[second, same]) == []


def test_a_file_that_overrides_its_module_is_found(system):
    file = write(f"title: 改\nreforms: [{MODULE}]\nchanges: {{{RATE}: {{2021-01-01: 5%}}}}\n")
    (found,) = lint(system, reforms=[file])
    assert MODULE in found.message and "以后列的「改（reform.yaml）」（5%）为准" in found.suggestion


def test_two_values_of_one_day_are_an_error(system):
    (found,) = lint(system, changes=[f"{RATE}=4%@2021-01-01", f"{RATE}=5%@2021-01-01"])
    assert (found.severity, found.message) == (ERROR, f"{RATE} 在 2021-01-01 给了两个值：4%、5%。")


def test_all_mistakes_are_found_at_once_errors_first(system):
    bad = write("titel: x\n", "bad.yaml")
    file = write(f"changes: {{{RATE}: {{2021-01-01: 3%}}, {CAP}: {{2021-01-01: 500}}}}\n")
    found = lint(system, reforms=[file, bad, "no_module"], changes=["no.such=1@2021-01-01"], readings=["x"])
    assert [(one.severity, one.source) for one in found] == [
        (ERROR, "读法"),
        (ERROR, "bad.yaml"),
        (ERROR, "no_module"),
        (ERROR, "reform（reform.yaml）"),
        (ERROR, "参数改动"),
        (WARNING, "reform（reform.yaml）"),
    ]
    with pytest.raises(RefusedReform) as refused:
        refuse(found)
    assert refused.value.message.count("【错误】") == 5 and "提醒" not in refused.value.message


def test_a_reform_that_cannot_be_applied_is_found(system):
    class Careless(Reform):
        name = "粗心"

        def apply(self):
            self.modify_parameters(changing([("no.such", 1, "2021-01-01")]))

    (found,) = lint(system, reforms=[Careless])
    assert (found.severity, found.source) == (ERROR, "粗心") and "没有参数 no.such" in found.message
    Careless.changes = [("no.such", 1, "2021-01-01")]  # 已经说过的不再说一遍
    (found,) = lint(system, reforms=[Careless])
    assert found.parameter == "no.such"


def test_a_value_taken_away_is_found(system):
    (found,) = lint(system, changes=[(RATE, None, "2021-01-01")])
    assert (found.severity, found.message) == (WARNING, f"{RATE} 改成了没有值，遇到需要它的申报会拒绝计算。")
    found = lint(system, changes=[(RATE, None, "2021-01-01"), (RATE, 0.04, "2021-01-01")])
    assert found[0].message == f"{RATE} 在 2021-01-01 给了两个值：没有值、4%。"


def test_a_document_whose_last_day_is_before_its_first_takes_no_claims(system):
    found = lint(system, changes=[(LAST_DAY, "2020-08-14", "2020-08-15"), (YANZHOU_RATE, 0.04, "2022-01-01")])
    (message,) = [one.message for one in found if one.parameter == YANZHOU_RATE]
    assert message.endswith("文件这段日子不受理申报（受理申报的日子：没有）。")


# ----- the population -----


def unfelt(system, population, **asked):
    return [one.parameter for one in lint(system, population=population, **asked) if "没有人感觉得到" in one.message]


def test_a_change_nobody_can_feel_is_found(system):
    # 任城一个 3000 万元的项目：济宁 3% 得 90 万，封顶 300 万；兖州的规定与它无关
    changes = [f"{RATE}=4%@2021-01-01", f"{CAP}=400万元@2021-01-01", f"{YANZHOU_RATE}=4%@2021-01-01"]
    assert unfelt(system, one_claim(), changes=changes) == [CAP, YANZHOU_RATE]
    # 限额单独提高到 400 万没有用；与 12% 一起，3000 万 × 12% = 360 万 > 300 万，就有用
    both = [f"{RATE}=12%@2021-01-01", f"{CAP}=400万元@2021-01-01"]
    assert unfelt(system, one_claim(), changes=both) == []
    # 比例单独提高到 4% 有用（120 万）；限额又降到 50 万，比例就不起作用了，但不能说没有人感觉得到
    assert unfelt(system, one_claim(), changes=[f"{RATE}=4%@2021-01-01", f"{CAP}=50万元@2021-01-01"]) == []
    assert unfelt(system, one_claim(), reforms=[MODULE]) == ["yanzhou_2020.equipment.cap_per_enterprise"]
    assert unfelt(system, one_claim(), changes=[f"{RATE}=4%@2021-01-01"]) == []
    assert unfelt(system, one_claim(county="tengzhou"), changes=[f"{RATE}=4%@2021-01-01"]) == [RATE]


def test_mixtures_of_laws_that_cannot_be_computed_say_nothing(system):
    terms = "zaozhuang_2020.readings.equipment_grant_terms=supplied_terms@1900-01-01"
    supplied = [
        f"zaozhuang_2020.equipment.{name}=500万元@1900-01-01" for name in ("minimum_investment", "cap_per_enterprise")
    ]
    # 3000 万 × 10% = 300 万，不到限额 500 万：一分钱不变。但读法不能没有门槛和限额，反过来可以
    assert unfelt(system, one_claim(county="tengzhou"), changes=[terms, *supplied]) == []
    with pytest.raises(UnstatedParameter, match="设备投资额下限"):
        lint(system, changes=[terms], population=one_claim(county="tengzhou"))


def test_money_that_only_moves_between_enterprises_is_felt(system):
    projects = pandas.DataFrame(
        {
            "project_id": ["p", "q"],
            "enterprise_id": ["e", "f"],
            "equipment_investment": [30_000_000.0, 40_000_000.0],
            "catalogue_category": "encouraged",
            "in_use": True,
        }
    )
    enterprises = pandas.DataFrame(
        {"enterprise_id": ["e", "f"], "county": "rencheng", "protected_hundred": [True, False]}
    )
    population = Population(2021, projects, enterprises)
    fund = "jining_2020.special_fund.amount=100万元@2021-01-01"
    reading = "jining_2020.readings.special_fund_rationing"
    # 资金只有 100 万：按比例或百企护航优先，合计都是 100 万
    tight = [fund, f"{reading}=protected_first@1900-01-01"]
    assert unfelt(system, population, changes=tight) == []


def test_a_value_that_ends_before_the_document_begins_is_found(system):
    found = lint(system, changes=[f"{YANZHOU_RATE}=4%@2019-01-01", f"{YANZHOU_RATE}=5%@2020-08-15"])
    assert [one.message.partition("：")[0] for one in found] == [
        f"{YANZHOU_RATE} 自 2019-01-01 起改，早于文件开始受理申报的 2020-08-15。",
        f"{YANZHOU_RATE} 自 2019-01-01 起到 2020-08-15 前的值用不上",
    ]


def test_days_before_all_law_are_looked_at_like_others(system):
    """A change of the document's life and another one; found by fuzzing."""
    life = "jining_2017.validity.last_day.open_until_repealed=原值@0001-01-31"
    found = lint(system, changes=[life, f"{RATE}=4%@2021-01-01"], year=2021)
    assert ["不起作用" in found[0].message, "早于文件开始受理申报的 2017-11-03" in found[1].message] == [True, True]


def test_a_change_within_the_claim_year_is_left_alone(system):
    assert lint(system, changes=[f"{RATE}=4%@2021-12-31"], year=2021) == []


def test_what_the_claim_year_of_the_population_cannot_feel(system):
    found = lint(system, changes=[f"{YANZHOU_RATE}=4%@2022-01-01"], population=one_claim())
    assert [one.message for one in found] == [
        f"{YANZHOU_RATE} 自 2022-01-01 起才改，晚于申报年度 2021，对这一年的测算没有影响。"
    ]


# ----- the command line -----


def test_the_command_lists_findings_and_fails_on_errors(capsys):
    file = write(f"title: 错\nchanges: {{{RATE}: {{2021-01-01: 3}}}}\n")
    assert main(["lint", file, "--set", f"{VAT}=10%@2017-01-01"]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "错（reform.yaml）："
    assert lines[1].startswith(f"  错误  {RATE} 是比例") and lines[2] == "        是不是 3%，即 0.03？"
    assert lines[3] == "参数改动：" and lines[4].startswith("  提醒  ")
    assert lines[-1] == "1 个错误，1 个提醒。"
    assert main(["lint", "--set", f"{VAT}=10%@2017-01-01"]) == 0
    assert capsys.readouterr().out.splitlines()[-1] == "0 个错误，1 个提醒。"
    assert main(["lint", MODULE, "jining_rate_half_year.yaml"]) == 0


def test_the_command_takes_a_table(capsys):
    with open("t.csv", "w", encoding="utf-8") as stream:
        stream.write("申报年度,企业编号,注册地,项目编号,设备投资额（元）,产业目录,投入使用\n")
        stream.write("2021,E1,任城区,P1,30000000,鼓励类,是\n")
    assert main(["lint", MODULE, "t.csv"]) == 0
    said = capsys.readouterr().out
    assert said.count("没有人感觉得到") == 1 and "yanzhou_2020.equipment.cap_per_enterprise 的改动" in said
    assert main(["lint", MODULE, "no.csv"]) == 1
    assert "没有这个文件" in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [[], ["a.csv", "b.csv", MODULE], ["a.csv", MODULE, "--synthetic"], ["a.csv"]])
def test_misuse_of_the_command_exits_with_two(arguments, capsys):
    assert main(["lint", *arguments]) == 2
    assert "用法不对" in capsys.readouterr().err


@pytest.mark.parametrize(
    "command", [["budget", "--synthetic"], ["simulate"], ["explain", "--synthetic", "--enterprise=S1"]]
)
def test_errors_stop_every_command_before_it_computes(command, capsys):
    assert main([*command, "--set", f"{CAP}=500@2021-01-01"]) == 1
    said = capsys.readouterr()
    assert said.out == "" and "不能计算：【错误】参数改动：" in said.err and "500万元" in said.err


def options(*arguments):
    return parser().parse_args(["budget", "--synthetic", *arguments])


def test_warnings_go_to_standard_error_and_stay_with_the_law(capsys):
    baseline, after = law_of(options("--set", f"{VAT}=10%@2017-01-01"))
    (remark,) = after.remarks
    assert remark.startswith(f"【提醒】参数改动：{VAT}") and remark in capsys.readouterr().err
    assert not hasattr(baseline, "remarks")
    _, clean = law_of(options("--set", f"{RATE}=4%@2021-01-01"))
    assert not hasattr(clean, "remarks") and capsys.readouterr().err == ""


def test_what_nobody_can_feel_is_only_asked_with_a_population(capsys):
    asked = options("--set", f"{YANZHOU_RATE}=4%@2021-01-01")
    assert not hasattr(law_of(asked)[1], "remarks")
    _, after = law_of(asked, one_claim())
    assert "没有人感觉得到" in after.remarks[0]


def test_parameters_that_a_reform_adds_may_be_changed_on_top_of_it(system):
    new = "jining_2017.equipment.scale_second_from"
    assert lint(system, changes=[f"{new}=3500万元@2021-01-01"])[0].severity == ERROR
    assert lint(system, reforms=["marginal_scale"], changes=[f"{new}=3500万元@2021-01-01"]) == []
    (found,) = lint(system, reforms=["marginal_scale"], changes=[f"{new}=3500@2021-01-01"])
    assert found.severity == ERROR and "3500万元" in found.suggestion
