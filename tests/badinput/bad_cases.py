"""YAML cases for ``openfisca test`` that are wrong: a good one, what is put in place of a part of it, and words of what is said."""

from __future__ import annotations

GOOD_CASE = """- name: 好
  period: 2022
  input:
    projects:
      p1: {equipment_investment: 12000000, robot_investment: 3000000}
      p2: {}
    enterprises:
      e1: {projects: [p1, p2], county: yanzhou, yield_per_mu_class: A}
  output:
    projects:
      p1: {yanzhou_2020_robots__paid: 720000}
"""
SHORT = """- name: 短
  period: 2022
  input: {county: [yanzhou, yanzhou], yield_per_mu_class: [A, A], equipment_investment: [12000000, 0], robot_investment: [3000000, 0]}
  output: {yanzhou_2020_robots__paid: [720000, 0]}
"""
P1, E1 = "      p1: {equipment_investment: 12000000, robot_investment: 3000000}\n", "county: yanzhou, "
OUT, MONEY = "p1: {yanzhou_2020_robots__paid: 720000}", "equipment_investment: 12000000"


def long(old: str, new: str) -> str:
    assert old in GOOD_CASE
    return GOOD_CASE.replace(old, new, 1)


def short(old: str, new: str) -> str:
    assert old in SHORT
    return SHORT.replace(old, new, 1)


def money(value: str) -> str:
    return long(MONEY, f"equipment_investment: {value}")


NUMBER = "应填数"
CASES: dict[str, tuple[str, str]] = {
    # values
    **{f"money {value}": (money(value), NUMBER) for value in ("'12000000'", "1e7", "20000*600", "yes", "2022-01-01", "[1]", "~")},
    **{f"money {value}": (money(value), "大得无法精确到分") for value in (".nan", ".inf", "-.inf", "1.0e+300", "9" * 400)},
    **{f"money {value}": (money(value), "精确到了分以下") for value in ("12000000.001", "1.0e-9")},
    "money negative": (money("-1"), "不能为负数"),
    "an amount of the short form in quotes": (short("[12000000, 0]", "['12000000', 0]"), NUMBER),
    "an unknown county": (long(E1, "county: mars, "), "应填取值名之一"),
    "a county by its label": (long(E1, "county: 兖州区, "), "应填取值名之一"),
    "no in YAML 1.1": (long("p2: {}", "p2: {catalogue_category: no}"), "应填取值名之一"),
    "a number for yes": (long("p2: {}", "p2: {in_use: 1}"), "应填true 或 false"),
    "half a day": (long("p2: {}", "p2: {loan_days: 1.5}"), "应填整数"),
    "a day that is none": (long("p2: {}", "p2: {application_date: '2022-02-30'}"), "应填日期"),
    "an hour": (long("p2: {}", "p2: {application_date: 2022-02-03 10:00:00}"), "应填日期"),
    "a date far away": (long("p2: {}", "p2: {application_date: 9999-12-31}"), "年份不在"),
    # periods
    **{f"period {period}": (GOOD_CASE.replace("2022", period), "不是一个申报年度") for period in ("2022-13", "2022-01", "ETERNITY", "99999", "year:2022:2", "'2022 '", "2022.5", "2022-01-01")},
    "a month for a value": (money("{2022-01: 1}"), "不是一个申报年度"),
    "a month for an output": (long("720000", "{2022-01: 720000}"), "不是一个申报年度"),
    # entities and members
    "an entity that is none": (long("    enterprises:", "    companies:"), "不能并列"),
    "a variable beside entities": (long("    enterprises:", "    in_use: true\n    enterprises:"), "不能并列"),
    "an entity once in the singular, once in the plural": (long("    enterprises:", "    project: {in_use: true}\n    enterprises:"), "只能写一个"),
    "only a singular enterprise": ("- {name: x, period: 2022, input: {project: {}, enterprise: {county: yanzhou}}, output: {total_paid: 0}}\n", "没有列出任何项目"),
    "ids that are numbers": (GOOD_CASE.replace("p1", "1").replace("p2", "2"), "请加引号"),
    "a member that is no project": (long("[p1, p2]", "[p1, p2, p3]"), "没有项目「p3」"),
    "a member twice": (long("[p1, p2]", "[p1, p2, p2]"), "写了两次"),
    "a project without an enterprise": (long("[p1, p2]", "[p1]"), "没有列在任何企业之下"),
    "an enterprise without projects": (long("projects: [p1, p2], ", ""), "没有列出任何项目"),
    "a slash in an id": (GOOD_CASE.replace("p2", "p/2"), "斜杠"),
    "a role that is none": (long("projects: [p1, p2]", "projects: [p1, p2], lead: p1"), "没有「lead」"),
    "a project as a list": (long("p2: {}", "p2: []"), "应为一个对象"),
    "no projects": (short(SHORT.splitlines()[2], "  input: {enterprises: {e1: {projects: [p1]}}}"), "没有任何项目"),
    # variables
    "a variable that is none": (long("robot_investment", "robots_investment"), "是不是要写 robot_investment"),
    "a fact of the enterprise": (long("p2: {}", "p2: {county: yanzhou}"), "写在 enterprises 之下"),
    "an unknown variable of the short form": (short("county:", "contry:"), "是不是要写 county"),
    "an empty input": (short(SHORT.splitlines()[2], "  input: {}"), "不能是空的"),
    "an input as a list": (short(SHORT.splitlines()[2], "  input: [county]"), "不能是空的"),
    "more values than projects": (short("[12000000, 0]", "[12000000, 0, 0]"), "要一样多"),
    "one value for two projects": (short("[yanzhou, yanzhou]", "yanzhou"), "要一样多"),
    "no values": (SHORT.replace("[yanzhou, yanzhou]", "[]"), "要一样多"),
    # what is to come out
    "an empty output": (short("{yanzhou_2020_robots__paid: [720000, 0]}", "{}"), "什么也没有检查"),
    "an output for no project": (long(OUT, "{}"), "是空的"),
    "an output of projects that is a number": (long(f"projects:\n      {OUT}", "projects: 1"), "之下应为「名称: 值」"),
    "an output of a project without variables": (long(OUT, "p1: {}"), "是空的"),
    "an output of another project": (long(OUT, "p9: {yanzhou_2020_robots__paid: 720000}"), "没有技术改造项目「p9」"),
    "an output that is no variable": (long(OUT, "p1: {yanzhou_2020_robots_paid: 720000}"), "是不是要写 yanzhou_2020_robots__paid"),
    "an output of another entity": (long(OUT, "p1: {county: yanzhou}"), "写在 enterprises 之下"),
    "an output in quotes, compared in single precision": (long("720000", "'720000'"), NUMBER),
    "an output that is nothing": (long("720000", "~"), NUMBER),
    "an amount that is not what comes out": (long("720000", "720000.01").replace("- name: 好", "- name: 应为 720000"), "differs from 720000.01"),
}  # fmt: skip

BROKEN_FILES: dict[str, tuple[bytes, str]] = {
    "a fact twice": (long(E1, "county: yanzhou, county: rencheng, ").encode(), "「county」写了两次"),
    "a project twice": (GOOD_CASE.replace("p2: {}", "p1: {}").encode(), "「p1」写了两次"),
    "an input twice": (SHORT.replace("  output", "  input: {county: yanzhou}\n  output").encode(), "「input」写了两次"),
    "an output twice": ((SHORT + "  output: {total_paid: 0}\n").encode(), "「output」写了两次"),
    "a key that is none": (SHORT.replace("output:", "ouput:").encode(), "没有「ouput」这个键"),
    "no output": (SHORT[: SHORT.index("  output")].encode(), "没有写 output"),
    "no period": (SHORT.replace("  period: 2022\n", "").encode(), "没有写 period"),
    "no input": (b"- {name: x, period: 2022, output: {total_paid: 0}}\n", "没有写 input"),
    "an output of nothing": (b"- {name: x, period: 2022, input: {county: yanzhou}, output: }\n", "没有写 output"),
    "a reform that is a number": (SHORT.replace("  period", "  reforms: [1]\n  period").encode(), "reforms 应为"),
    "a text": (b"total_paid", "应为「键: 值」"),
    "a number": (b"- 1\n", "应为「键: 值」"),
    "nothing": (b"", "应为「键: 值」"),
    "not closed": (b"- name: [", "YAML 写法不对"),
    "a tab": (b"- name: x\n\tperiod: 2022\n", "YAML 写法不对"),
    "a circle": (b"- &a\n  name: x\n  input: *a\n  period: 2022\n  output: {total_paid: 0}\n", ""),
    "deep lists": (b"- " + b"[" * 100_000, "嵌套超过"),
    "deep maps": (b"{a: " * 20_000, "嵌套超过"),
    "an object of Python": (b"- name: !!python/object/apply:os.getcwd []\n", "YAML 写法不对"),
    "half a character": (b'- name: "\\ud800"\n', "YAML 写法不对"),
    "no UTF-8": (b"\xff\xfe\x00", "不是 UTF-8"),
    "GBK": ("- name: 试\n".encode("gbk"), "不是 UTF-8"),
    "NUL": (b"- name: a\0b\n", "YAML 写法不对"),
}  # fmt: skip
