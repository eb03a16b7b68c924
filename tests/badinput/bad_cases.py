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


def alone(facts: str) -> str:
    """The short form with one project."""
    return f"- {{name: 一个, period: 2022, input: {{county: yanzhou, {facts}}}, output: {{total_paid: 0}}}}\n"


def reform(name: str) -> str:
    return SHORT.replace("  period", f"  reforms: {name}\n  period")


NUMBER, PART = "应填数", "大于它所属的"
ROBOTS = "equipment_investment: 10, robot_investment: 6, special_robot_investment: 6"
ALL_IN_USE = "指生产性设备全部投入使用"
OURS = "openfisca_jining"
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
    "a day that stands for none": (long("p2: {}", "p2: {invoice_date: 1970-01-01}"), "表示没有填"),
    "a day that stands for none, in quotes": (long("p2: {}", "p2: {invoice_date: {2022: '1970-01-01'}}"), "表示没有填"),
    "one day of the short form that stands for none": (alone("invoice_date: 1970-01-01"), "表示没有填"),
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
    "the first word of a fact": (alone("equipment: 1"), "是不是要写 equipment_investment、equipment_vat、equipment_in_use？"),
    # facts that contradict one another
    "a part above the whole": (long("robot_investment: 3000000", "robot_investment: 12000000.01"), PART),
    "a part above the whole, by year": (long("p2: {}", "p2: {equipment_investment: {2021: 2}, robot_investment: {2021: 3}}"), PART),
    "a part above the whole, in the short form": (alone("equipment_investment: 10, special_robot_investment: 11"), PART),
    "a part above the whole, in the short form by year": (alone("equipment_investment: {2021: 10}, special_robot_investment: {2021: 11}"), PART),
    "a part above the whole of one of two projects": (short("[3000000, 0]", "[3000000, 0.01]"), "input/robot_investment/2022/1"),
    "a part above the whole, in the singular": (f"- {{name: x, period: 2022, input: {{project: {{{ROBOTS}}}, enterprise: {{projects: [project], county: yanzhou}}}}, output: {{total_paid: 0}}}}\n", "合计 12，大于它们所属的设备投资额（equipment_investment） 10"),
    "parts that are above the whole together": (alone(ROBOTS), "机器人投资额（robot_investment）填的是 6，特种机器人投资额（special_robot_investment）填的是 6，合计 12，大于"),
    "a part of robots above the robots": (alone("robot_investment: 1, robot_at_post_investment: 2"), PART),
    "a part of special robots above them": (alone("special_robot_investment: 1, special_robot_off_post_investment: 2"), PART),
    "more unproductive equipment than the year's": (alone("equipment_investment: 1000000, cumulative_equipment_investment: 13000000, nonproductive_equipment: 3000000"), "大于它所属的设备投资额（equipment_investment） 1000000"),
    "more unproductive equipment than all years'": (alone("project_type: zero_land, equipment_investment: 1000000, cumulative_equipment_investment: 13000000, nonproductive_equipment: 13000001"), "大于它所属的项目累计设备投资额（cumulative_equipment_investment） 13000000"),
    "less equipment of all years than of one": (alone("equipment_investment: 2, cumulative_equipment_investment: 1"), "大于它所属的项目累计设备投资额"),
    "more equipment in use than there is": (alone("equipment_investment: 2, equipment_in_use: 3"), PART),
    "more equipment in use than of all years": (alone("equipment_investment: 2, cumulative_equipment_investment: 4, equipment_in_use: 4.01"), PART),
    "all in use and a part in use": (alone("in_use: true, equipment_investment: 2, equipment_in_use: 1"), ALL_IN_USE),
    "all in use and the year's in use": (alone("project_type: zero_land, in_use: true, equipment_investment: 2, cumulative_equipment_investment: 4, equipment_in_use: 2"), "零土地项目看全部年度，请另填 cumulative_equipment_in_use"),
    "a case without a name": ("- {period: 2022, input: {county: mars}, output: {total_paid: 0}}\n", "用例「第 1 个」，input/county/2022：注册地（county）应填"),
    # reforms
    "a reading of no form": (reform(f"{OURS}.readings.jining_2017__in_use"), "读法应写成"),
    "a reading that is none": (reform(f"{OURS}.readings.jining_2017__in_use__al_in_use"), "可选：all_in_use"),
    "a reading of a misspelt name": (reform(f"[{OURS}.readings.jining_2017__in_uses__all_in_use]"), "是不是要写 jining_2017.readings.in_use？"),
    "a supply of no form": (reform(f"{OURS}.supply.jining_2017__cloud_vouchers__city_share__0p2"), "提供的数应写成"),
    "a supply of a misspelt name": (reform(f"{OURS}.supply.jining_2017__cloud_voucher__city_share__is__0p2"), "是不是要写 jining_2017.cloud_vouchers.city_share？"),
    "a supply unlike any name": (reform(f"{OURS}.supply.zzz__is__1"), "没有参数 zzz"),
    "a reform of a misspelt module": (reform(f"{OURS}.reforms.class_a_two_point.ClassATwoPoints"), f"是不是要写 {OURS}.reforms.class_a_two_points？"),
    "a reform of a misspelt package": (reform(f"{OURS}.reading.jining_2017__in_use__all_in_use"), f"是不是要写 {OURS}.readings？"),
    "a reform of a misspelt class": (reform(f"{OURS}.reforms.class_a_two_points.ClassATwo"), "是不是要写 ClassATwoPoints？"),
    "a reform without its class": (reform(f"{OURS}.reforms.class_a_two_points"), f"是不是要写 {OURS}.reforms.class_a_two_points.ClassATwoPoints？"),
    "a reform that is no class of a reform": (reform(f"{OURS}.money.settle"), "不是改革"),
    "a reform without a module": (reform("nonsense"), "可以写的是"),
    "a reform with a dot in front": (reform(".nonsense"), "可以写的是"),
    "a reform relative to nothing": (reform(".readings.nonsense"), "可以写的是"),
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
    "parameters, of which Core would keep only these": (SHORT.replace("  period", "  parameters: {jining_2017: {equipment: {rate: 0.05}}}\n  period").encode(), "没有「parameters」这个键"),
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
    "a day that is none": (SHORT.replace("county", "application_date: 2021-02-30, county").encode(), "第 3 行的「2021-02-30」不是日期"),
    "an hour that is none": (SHORT.replace("county", "application_date: 2021-02-03 25:00:00, county").encode(), "不是日期"),
    "a number too long to be read": (SHORT.replace("3000000", "3" * 5_000).encode(), "不是整数"),
    **{f"a number as nobody writes it {text}": (SHORT.replace("3000000", text).encode(), f"「{text}」不是整数") for text in ("190:20:30", "0x10", "0b11")},
    "a number of no digits": (SHORT.replace("3000000", "0x_").encode(), "「0x_」不是整数"),
    **{f"a tag on what is no {tag}": (SHORT.replace("county", f"weight: !!{tag} x, county").encode(), f"「x」不是{what}") for tag, what in {"int": "整数", "float": "数", "bool": " true 或 false", "timestamp": "日期"}.items()},
    "half a character": (b'- name: "\\ud800"\n', "YAML 写法不对"),
    "no UTF-8": (b"\xff\xfe\x00", "不是 UTF-8"),
    "GBK": ("- name: 试\n".encode("gbk"), "不是 UTF-8"),
    "NUL": (b"- name: a\0b\n", "YAML 写法不对"),
}  # fmt: skip
