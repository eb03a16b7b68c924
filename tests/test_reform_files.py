"""A change means the same from every entrance, files say what is wrong with them, and the law is never disturbed."""

from __future__ import annotations

import datetime
import hashlib
import importlib
import types

import numpy
import pandas
import pytest
from hypothesis import given, settings
from hypothesis import strategies as some
from openfisca_core.reforms import Reform

from openfisca_jining.analysis.budget import budget
from openfisca_jining.analysis.record import changed_parameters
from openfisca_jining.cli import main, parser
from openfisca_jining.commands.common import law_of, reform_titles
from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import AS_BEFORE, changing, check_value, find, leaves
from openfisca_jining.population import Population
from openfisca_jining.reform_files import MOST_BYTES, ReformFileError, examples, read_reform_file
from openfisca_jining.reforming import reform_file_class, reformed

RATE, CAP = "jining_2017.equipment.rate", "jining_2017.equipment.cap_per_enterprise"
VAT = "national.vat.machinery"
MODULE = "yanzhou_cap_and_jining_rate"


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)


def write(text, name="reform.yaml", encoding="utf-8"):
    with open(name, "wb") as stream:
        stream.write(text if isinstance(text, bytes) else text.encode(encoding))
    return name


def tree(system) -> dict:
    """Every dated value of a system."""
    return {leaf.name: [(at.instant_str, at.value) for at in leaf.values_list] for leaf in leaves(system.parameters)}


def claims(**dates) -> Population:
    """Encouraged Rencheng projects of 2021 with 30 million of equipment each in enterprises of their own, by name and date."""
    projects = pandas.DataFrame(
        {
            "project_id": list(dates),
            "enterprise_id": list(dates),
            "equipment_investment": 30_000_000.0,
            "catalogue_category": "encouraged",
            "in_use": True,
            "application_date": pandas.to_datetime(list(dates.values())),
        }
    )
    enterprises = pandas.DataFrame({"enterprise_id": list(dates), "county": "rencheng"})
    return Population(2021, projects, enterprises)


HALVES = claims(spring="2021-03-31", summer="2021-07-01")


def total(system) -> float:
    return budget(HALVES, system).total


# ----- one meaning -----

#: 4 % in the second half of 2021, the cap at 1 million from then on, the VAT rate of 2018 alone, a reading, a supplied amount.
FILE = f"""\
title: 试一试
author: 测算组
changes:
  {RATE}:
    2021-07-01: 4%
    2022-01-01: 原值
  {CAP}: {{2021-07-01: 100万元}}
  {VAT}: {{2018-05-01: "0.15", 2019-04-01: 原值}}
readings: {{yanzhou_2020.robot_base: robot_purchase_only}}
supply: {{zaozhuang_2020.equipment.minimum_investment: "5,000,000元"}}
"""
TRIPLES = [
    (RATE, 0.04, "2021-07-01"),
    (RATE, AS_BEFORE, "2022-01-01"),
    (CAP, 1_000_000, datetime.date(2021, 7, 1)),
    (VAT, 0.15, "2018-05-01"),
    (VAT, AS_BEFORE, "2019-04-01"),
]
TEXTS = [
    f"{RATE}=0.04@2021-07-01",
    f"{RATE}=原值@2022-01-01",
    f"{CAP}=100万@2021-07-01",
    f"{VAT}=15％@2018-05-01",
    f"{VAT}=原值@2019-04-01",
]
READINGS = ["yanzhou_2020.robot_base=robot_purchase_only"]
SUPPLY = ["zaozhuang_2020.equipment.minimum_investment=5000000"]


def from_python_numbers(system):
    supply = [("zaozhuang_2020.equipment.minimum_investment", 5_000_000)]
    return reformed(system, changes=TRIPLES, readings=[tuple(READINGS[0].split("="))], supply=supply)


def from_python_texts(system):
    return reformed(system, changes=TEXTS, readings=READINGS, supply=SUPPLY)


def from_a_file(system):
    return reformed(system, reforms=[write(FILE)])


def from_a_file_class(system):
    return reform_file_class(write(FILE, "other.YML"))(system)


def from_the_command_line(system):
    options = [f"--set={one}" for one in TEXTS] + [f"--reading={READINGS[0]}", f"--supply={SUPPLY[0]}"]
    return law_of(parser().parse_args(["budget", "--synthetic", *options]))[1]


def from_a_file_on_the_command_line(system):
    return law_of(parser().parse_args(["budget", "--synthetic", "--reform", write(FILE)]))[1]


def from_classes(system):
    """As in a YAML case, ``openfisca test -r`` and ``openfisca serve -r``: a class of ``reforms/``, a reading, a supply."""

    class Changes(Reform):
        changes = TRIPLES

        def apply(self):
            self.modify_parameters(changing(self.changes))

    readings, supply = (importlib.import_module(f"openfisca_jining.{name}") for name in ("readings", "supply"))
    system = readings.yanzhou_2020__robot_base__robot_purchase_only(system)
    system = supply.zaozhuang_2020__equipment__minimum_investment__is__5000000(system)
    return Changes(system)


ENTRANCES = [
    from_python_numbers,
    from_python_texts,
    from_a_file,
    from_a_file_class,
    from_the_command_line,
    from_a_file_on_the_command_line,
    from_classes,
]


@pytest.mark.parametrize("entrance", ENTRANCES)
def test_the_same_change_from_every_entrance(system, entrance):
    law = entrance(system)
    wanted = tree(system)
    wanted[RATE] = [("2022-01-01", 0.03), ("2021-07-01", 0.04), ("2017-01-01", 0.03)]
    wanted[CAP] = [("2021-07-01", 1_000_000), ("2017-01-01", 3_000_000)]
    wanted[VAT] = [("2019-04-01", 0.13), ("2018-05-01", 0.15), ("1994-01-01", 0.17)]
    wanted["yanzhou_2020.readings.robot_base"] = [("1900-01-01", "robot_purchase_only")]
    wanted["zaozhuang_2020.equipment.minimum_investment"] = [("1900-01-01", 5_000_000)]
    assert tree(law) == wanted
    # 3 月：3000 万 × 3% = 90 万；7 月：3000 万 × 4% = 120 万，封顶 100 万
    assert total(law) == 1_900_000
    assert total(system) == 1_800_000
    recorded = {(one["parameter"], one["date"], one["reform"]) for one in changed_parameters(law)}
    assert recorded == {
        (RATE, "2021-07-01", 0.04),
        (CAP, "2021-07-01", 1_000_000),
        (VAT, "2018-05-01", 0.15),
        ("yanzhou_2020.readings.robot_base", "1900-01-01", "robot_purchase_only"),
        ("zaozhuang_2020.equipment.minimum_investment", "1900-01-01", 5_000_000),
        ("zaozhuang_2020.equipment.minimum_investment", "2020-01-01", 5_000_000),
    }


def test_values_are_of_one_type_from_every_entrance(system):
    kinds = [
        {name: [type(value) for _, value in dated] for name, dated in tree(entrance(system)).items()}
        for entrance in ENTRANCES
    ]
    assert all(one == kinds[0] for one in kinds)


def test_a_file_builds_on_modules_and_comes_after_them(system):
    law = reformed(system, reforms=[write(f"reforms: [{MODULE}]\nchanges: {{{RATE}: {{2021-07-01: 5%}}}}\n")])
    assert tree(law) == tree(reformed(system, reforms=[MODULE], changes=[f"{RATE}=5%@2021-07-01"]))
    # 模块自 1 月起 4%：3000 万 × 4% = 120 万；文件自 7 月起 5%：150 万
    assert total(law) == 2_700_000


def test_several_files_stack_in_their_order(system):
    first = write(f"title: 先\nchanges: {{{RATE}: {{2021-01-01: 4%}}, {CAP}: {{2021-01-01: 100万}}}}\n", "1.yaml")
    second = write(f"title: 后\nchanges: {{{RATE}: {{2021-07-01: 2%}}}}\n", "2.yml")
    # 先、后：3 月 120 万封顶 100 万，7 月 3000 万 × 2% = 60 万；后、先：「先」盖掉「后」，两家都封顶 100 万
    assert total(reformed(system, reforms=[first, second])) == 1_600_000
    assert total(reformed(system, reforms=[second, first])) == 2_000_000
    law = reformed(system, reforms=[first, second])
    assert reform_titles(law, system) == ["先", "后"]


def test_readings_come_before_reforms_from_python_as_on_the_command_line(system):
    readings = ["yanzhou_2020.robot_base=robot_5_rest_3", "common.rounding=truncate"]
    changed = write("readings: {yanzhou_2020.robot_base: robot_purchase_only}\n")
    one = reformed(system, readings=readings, reforms=[changed])
    typed = [f"--reading={reading}" for reading in readings]
    other = law_of(parser().parse_args(["budget", "--synthetic", *typed, "--reform", changed]))[1]
    wanted = tree(system)
    wanted["yanzhou_2020.readings.robot_base"] = [("1900-01-01", "robot_purchase_only")]
    wanted["common.readings.rounding"] = [("1900-01-01", "truncate")]
    assert tree(one) == tree(other) == wanted


# ----- dates -----


def test_dated_values_are_a_timetable_in_whatever_order_they_are_written(system):
    dated = [(RATE, 0.05, "2023-01-01"), (RATE, 0.04, "2021-01-01"), (RATE, 0.02, "2022-01-01")]
    wanted = [("2023-01-01", 0.05), ("2022-01-01", 0.02), ("2021-01-01", 0.04), ("2017-01-01", 0.03)]
    for order in (dated, dated[::-1], [dated[1], dated[0], dated[2]]):
        assert tree(reformed(system, changes=order))[RATE] == wanted


def test_later_values_of_the_law_are_replaced_unless_the_change_ends(system):
    assert tree(reformed(system, changes=[(VAT, 0.1, "2017-01-01")]))[VAT] == [
        ("2017-01-01", 0.1),
        ("1994-01-01", 0.17),
    ]
    ended = reformed(system, changes=[(VAT, 0.1, "2017-01-01"), (VAT, AS_BEFORE, "2018-01-01")])
    # 2018 年恢复当时的 17%，以后的 16%、13% 照旧
    assert tree(ended)[VAT] == [
        ("2019-04-01", 0.13),
        ("2018-05-01", 0.16),
        ("2018-01-01", 0.17),
        ("2017-01-01", 0.1),
        ("1994-01-01", 0.17),
    ]


def test_ending_a_change_goes_back_to_what_was_before_this_reform(system):
    lower = reformed(system, changes=[(RATE, 0.02, "2018-01-01")])
    law = reformed(lower, changes=[(RATE, 0.05, "2021-01-01"), (RATE, AS_BEFORE, "2022-01-01")])
    assert [find(law.parameters, RATE).get_at_instant(f"{year}-06-30") for year in range(2017, 2023)] == [
        0.03,
        0.02,
        0.02,
        0.02,
        0.05,
        0.02,
    ]
    unstated = "zaozhuang_2020.equipment.cap_per_enterprise"
    law = reformed(system, changes=[(unstated, 1, "2021-01-01"), (unstated, AS_BEFORE, "2022-01-01")])
    assert [find(law.parameters, unstated).get_at_instant(f"{year}-06-30") for year in (2020, 2021, 2022)] == [
        None,
        1,
        None,
    ]


@pytest.mark.parametrize("day", ["20210101", "2021-W01-1", "2021-1-1", "2021-02-30", "２０２１-01-01", "", 2021, None])
def test_what_is_not_a_day_is_refused(system, day):
    with pytest.raises(UnknownParameter, match=r"起始日期.*(YYYY-MM-DD|半角)"):
        reformed(system, changes=[(RATE, 0.04, day)])
    with pytest.raises(UnknownParameter, match=r"last_day.*(YYYY-MM-DD|半角)"):
        reformed(system, changes=[("yanzhou_2020.validity.last_day", day, "1900-01-01")])


# ----- numbers -----


@pytest.mark.parametrize(
    ("path", "written", "value"),
    [
        (RATE, "3%", 0.03),
        (RATE, "3％", 0.03),
        (RATE, "0.03", 0.03),
        (RATE, "3.03%", 0.0303),
        (RATE, "0.07 %", 0.0007),
        (RATE, ".5", 0.5),
        (RATE, "100%", 1),
        (CAP, "300万元", 3_000_000),
        (CAP, "300万", 3_000_000),
        (CAP, "3,000,000", 3_000_000),
        (CAP, "3_000_000元", 3_000_000),
        (CAP, "0.00001亿元", 1_000),
        (CAP, "123.456789万元", 1_234_567.89),
        (CAP, "3e6", 3_000_000),
        (CAP, 3_000_000.0, 3_000_000),
        (CAP, numpy.int64(3_000_000), 3_000_000),
        (RATE, numpy.float64(0.03), 0.03),
        ("yanzhou_2020.consortium.minimum_members", "3家", 3),
        ("yanzhou_2020.applicant.clean_record_months", "24 月", 24),
    ],
)
def test_numbers_are_read_exactly(system, path, written, value):
    read = check_value(find(system.parameters, path), written)
    assert (read, type(read)) == (value, type(value))


@pytest.mark.parametrize(
    ("path", "written", "words"),
    [
        (CAP, "3%", "不能带百分号"),
        (CAP, "300万美元", "不能写成「万美元」"),
        (RATE, "3万", "是比例"),
        (RATE, "3元", "是比例"),
        (RATE, "３%", "全角.*3%"),
        (RATE, "三个点", "应为数字"),
        (RATE, "", "应为数字"),
        (RATE, "3,00", "应为数字"),
        (RATE, "e5", "应为数字"),
        (RATE, "0x10", "应为数字"),
        (RATE, True, "应为数字"),
        (RATE, [0.03], "应为数字"),
        (RATE, "nan", "有限"),
        (RATE, ".inf", "有限"),
        (RATE, float("inf"), "有限"),
        (CAP, "1" + "0" * 400, "有限"),
        ("yanzhou_2020.consortium.minimum_members", "3元", "单位是「家」"),
        ("jining_2017.equipment", "3%", "一组参数"),
        ("jining_2017.equipment", AS_BEFORE, "一组参数"),
    ],
)
def test_numbers_of_another_kind_are_refused_by_name(system, path, written, words):
    with pytest.raises(UnknownParameter, match=rf"{path}.*{words}"):
        reformed(system, changes=[(path, written, "2021-01-01")])


# ----- files -----


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_files_of_windows_are_read(system, encoding):
    name = write(FILE.replace("\n", "\r\n"), encoding=encoding)
    assert read_reform_file(name).title == "试一试"
    assert tree(reformed(system, reforms=[name])) == tree(from_python_numbers(system))


def test_a_file_says_where_it_comes_from(system):
    reform = reform_file_class(write(FILE))
    digest = hashlib.sha256(FILE.encode()).hexdigest()
    assert reform.source == {"file": "reform.yaml", "title": "试一试", "author": "测算组", "note": "", "sha256": digest}
    assert reform(system).name == "试一试"
    assert read_reform_file(write(f"changes: {{{RATE}: {{2021-01-01: 4%}}}}", "无题.yaml")).title == "无题"


def test_text_stays_text(system):
    """YAML 1.1 would read 010 as 8, 1:30 as 90 and NO as false."""
    with pytest.raises(ReformFileError, match="应为数字"):
        reformed(system, reforms=[write(f"changes: {{{CAP}: {{2021-01-01: 1:30}}}}")])
    assert tree(reformed(system, reforms=[write(f"changes: {{{CAP}: {{2021-01-01: 010}}}}")]))[CAP][0][1] == 10
    assert read_reform_file(write(f"title: NO\nchanges: {{{CAP}: {{2021-01-01: 1}}}}")).title == "NO"


BOMB = "a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]\n"
HEAD = f"changes:\n  {RATE}:\n"
#: What is wrong with a file, and words of the message (the file's name apart).
BAD = {
    "empty": ("", "没有内容.*title"),
    "only a comment": ("# 待写\n", "没有内容"),
    "a list": (f"- {RATE}\n", "最外层.*列表"),
    "full-width colon": ("title：试\n", "一段文字.*全角冒号"),
    "tabs": (f"changes:\n\t{RATE}:\n", "第 2 行.*Tab"),
    "UTF-16": ("title: 试\n".encode("utf-16"), "编码"),
    "not text": (b"\xff\xfe\x00\x81", "编码"),
    "control character": ("title: \x01\n", "第 8 个字符"),
    "10 MB": (b"title: x\n" + b"#" * 10_000_000, f"超过 {MOST_BYTES // 1024} KB"),
    "bomb": (BOMB, "第 1 行.*别名"),
    "alias": ("title: *x\n", "第 1 行.*别名"),
    "tag": ("title: !!python/object/apply:os.system [ls]\n", "第 1 行.*标签"),
    "deep": ("[" * 5000, "嵌套"),
    "two documents": ("title: a\n---\ntitle: b\n", "第 2 行.*一项改革"),
    "not closed": ("title: [\n", "YAML 写法不对"),
    "unknown key": ("titel: x\n", "titel：没有这个键。是不是 title"),
    "Chinese key": ("改动: x\n", "是不是 changes（改动）"),
    "key twice": (f"changes:\n  {RATE}: {{2021-01-01: 4%}}\n  {RATE}: {{2021-01-01: 5%}}\n", "第 3 行.*写了两次"),
    "day twice": (HEAD + "    2021-01-01: 4%\n    2021-01-01: 5%\n", "第 4 行.*2021-01-01.*写了两次"),
    "list as key": ("changes:\n  ? [a]\n  : 1\n", "第 2 行.*键应是文字"),
    "title is a list": ("title: [a]\n", "title：应是一段文字"),
    "nothing changes": ("title: x\n", "没有任何改动"),
    "changes is a list": (f"changes: [{RATE}]\n", "changes：应写成"),
    "no day": (f"changes: {{{RATE}: 4%}}\n", f"changes.{RATE}：没有写从哪天起.*4%"),
    "no space after the colon": (HEAD + "    2021-07-01:4%\n", "冒号后缺一个空格.*收到「2021-07-01:4%」"),
    "no space, then more": (
        HEAD + "    2021-07-01:4%\n    2022-01-01: 原值\n",
        "第 3 行「2021-07-01:4%」的冒号后缺一个空格",
    ),
    "no colon": (f"changes:\n  {RATE}\n    2021-01-01: 4%\n", f"第 2 行「{RATE}」的末尾缺一个半角冒号"),
    "bad indentation": (HEAD + "  2021-01-01: 4%\n", f"changes.{RATE}：下面没有内容.*缩进"),
    "no such day": (HEAD + "    2021-13-01: 4%\n", f"changes.{RATE}：「2021-13-01」.*没有这一天"),
    "full-width day": (HEAD + "    ２０２１-01-01: 4%\n", f"changes.{RATE}：.*半角写成「2021-01-01」"),
    "slashes": (HEAD + "    2021/7/1: 4%\n", f"changes.{RATE}：.*「2021-07-01」"),
    "no value": (HEAD + "    2021-01-01:\n", f"changes.{RATE}.2021-01-01：没有写值.*原值"),
    "null": (HEAD + "    2021-01-01: null\n", f"changes.{RATE}.2021-01-01：没有写值"),
    "list as value": (HEAD + "    2021-01-01: [4%]\n", f"changes.{RATE}.2021-01-01：应是一个值"),
    "full-width digits": (HEAD + "    2021-01-01: ０.０４\n", f"changes.{RATE}.2021-01-01：.*半角写成「0.04」"),
    "wrong unit": (HEAD + "    2021-01-01: 4元\n", f"changes.{RATE}.2021-01-01：.*是比例"),
    "number as path": ("changes: {2021: {2021-01-01: 4%}}\n", "changes.2021.2021-01-01：没有参数 2021"),
    "group": ("changes: {jining_2017.equipment: {2021-01-01: 4%}}\n", "jining_2017.equipment 是一组参数"),
    "reading": ("readings: {yanzhou_2020.robot_base: x}\n", "readings.yanzhou_2020.robot_base：.*没有「x」这一种"),
    "readings is a list": ("readings: [yanzhou_2020.robot_base]\n", "readings：应写成"),
    "supply": (f"supply: {{{CAP}: 3%}}\n", f"supply.{CAP}：.*不能带百分号"),
    "module": (f"reforms: {MODULE[:-1]}\n", f"reforms：没有名为 {MODULE[:-1]} 的改革模块.*是不是 {MODULE}"),
    "file in a file": ("reforms: [other.yaml]\n", "reforms：「other.yaml」是文件"),
    "modules as mapping": ("reforms: {a: b}\n", "reforms：应是"),
}


@pytest.mark.parametrize("content", BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_by_file_and_key(system, content):
    text, words = content
    before = tree(system)
    with pytest.raises(ReformFileError, match=rf"(?s)^改革文件 bad\.yaml.*{words}"):
        reformed(system, reforms=[write(text, "bad.yaml")])
    assert tree(system) == before


def test_the_command_says_so_without_a_stack_trace(capsys):
    names = [write(text, f"{number}.yaml") for number, (text, _) in enumerate(BAD.values())]
    assert main(["lint", *names, "no_such_file.yaml", "no_such_module"]) == 1
    said = capsys.readouterr()
    assert "Traceback" not in said.out + said.err
    assert [name for name in [*names, "no_such_file.yaml", "no_such_module"] if name not in said.out] == []
    assert main(["budget", "--synthetic", "--reform", names[0]]) == 1
    assert names[0] in capsys.readouterr().err


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path):
    with pytest.raises(ReformFileError, match=r"没有这个文件.*jining_rate_half_year\.yaml"):
        read_reform_file("nothing.yaml")
    (tmp_path / "folder.yaml").mkdir()
    with pytest.raises(ReformFileError, match="文件打不开"):
        read_reform_file("folder.yaml")


def test_the_bundled_examples_are_found_by_name_and_do_what_they_say(system):
    assert len(examples()) >= 3
    # 2021 年下半年 4%：90 万 + 120 万
    assert total(reformed(system, reforms=["jining_rate_half_year.yaml"])) == 2_100_000
    for example in examples():
        assert changed_parameters(reformed(system, reforms=[example.name])), example
    write(f"changes: {{{RATE}: {{2021-01-01: 5%}}}}\n", "jining_rate_half_year.yaml")  # 本目录的同名文件优先
    assert total(reformed(system, reforms=["jining_rate_half_year.yaml"])) == 3_000_000


def test_a_module_that_is_broken_is_not_called_missing(system, monkeypatch):
    def broken(name):
        raise ModuleNotFoundError("No module named 'numppy'", name="numppy")

    monkeypatch.setattr(importlib, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="numppy"):
        reformed(system, reforms=[MODULE])


def test_a_module_without_a_reform_is_refused(system, monkeypatch):
    monkeypatch.setattr(importlib, "import_module", lambda name: types.ModuleType(name))
    with pytest.raises(UnknownParameter, match="没有改革类"):
        reformed(system, reforms=["empty"])


# ----- the law is never disturbed -----

ANY = [
    {"reforms": [MODULE]},
    {"reforms": ["jining_rate_half_year.yaml"]},
    {"reforms": ["zaozhuang_supplied_terms.yaml", "yanzhou_wider_and_longer.yaml"]},
    {"changes": [f"{RATE}=1%@2021-01-01", f"{RATE}=原值@2021-06-01"]},
    {"changes": ["jining_2017.validity.last_day.target_period_2017_2021=2020-12-31@1900-01-01"]},
    {"readings": ["common.rounding=truncate"], "changes": [f"{CAP}=50万元@2021-01-01"]},
    {"changes": [f"{RATE}=3万@2021-01-01"]},  # 被拒绝的改动也不留痕迹
]


@settings(max_examples=8, derandomize=True, deadline=None)
@given(some.lists(some.sampled_from(range(len(ANY))), min_size=2, max_size=5), some.booleans())
def test_no_reform_disturbs_the_law_in_any_order(system, order, stacked):
    before, paid = tree(system), total(system)
    law, alone = system, {}
    for number in order:
        try:
            law = reformed(law if stacked else system, **ANY[number])
        except UnknownParameter:
            continue
        amount = total(law)
        assert stacked or alone.setdefault(number, amount) == amount
        assert (tree(system), total(system)) == (before, paid) == (before, 1_800_000)
