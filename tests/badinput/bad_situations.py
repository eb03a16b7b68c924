"""Requests to the web API that are wrong: a good one of each seed, and what is put in its place, with words of the refusal.

A malformation is a path in the seed and the JSON text that goes there, so that it may be no JSON value of Python (``NaN``, ``1e400``, a key twice).
``@`` in a path stands for the seed's project, ``#`` for its enterprise.
"""

from __future__ import annotations

import json

#: Name -> claim year, county, facts of the project and of the enterprise, what is asked.
SEEDS = {
    "jining": (2021, "rencheng", {"equipment_investment": 30_000_000, "catalogue_category": "encouraged", "in_use": True}, {}),
    "yanzhou": (2022, "yanzhou", {"equipment_investment": 12_000_000, "robot_investment": 3_000_000}, {"yield_per_mu_class": "A"}),
    "zaozhuang": (2020, "tengzhou", {"equipment_investment": 8_000_000, "loan_interest_paid": 260_000.55}, {}),
}  # fmt: skip
ASKED = "total_paid"
HERE = "§"


def seed(name: str) -> tuple[str, dict]:
    """Claim year and a request that is answered."""
    year, county, project, enterprise = SEEDS[name]
    facts = {fact: {str(year): value} for fact, value in project.items()}
    firm = {fact: {str(year): value} for fact, value in {"county": county, **enterprise}.items()}
    return str(year), {
        "projects": {"甲": {**facts, ASKED: {str(year): None}}},
        "enterprises": {"乙": {"projects": ["甲"], **firm}},
    }


def changed(name: str, path: str, text: str) -> bytes:
    """A seed as JSON with some text at a path, in UTF-8 (half characters as they come). ``*`` as last step: all that is in there."""
    year, body = seed(name)
    *steps, last = path.replace("@", "projects/甲").replace("#", "enterprises/乙").replace("YEAR", year).split("/")
    holder = body
    for step in steps:
        holder = holder.setdefault(step, {})
    if last == "*":
        holder.clear()
    holder[last] = HERE
    written = json.dumps(body, ensure_ascii=False)
    text = text.replace("YEAR", year)
    return (written.replace(f'"*": "{HERE}"', text) if last == "*" else written.replace(f'"{HERE}"', text)).encode(
        "utf-8", "surrogatepass"
    )


TOO_LARGE, TOO_FINE, NEGATIVE = "大得无法精确到分", "精确到了分以下", "不能为负数"
NUMBER, WHOLE, DAY, YES = "应填数", "应填整数", "应填日期 YYYY-MM-DD", "应填true 或 false"
#: Fact -> JSON texts that are no value of it.
VALUES: dict[str, dict[str, str]] = {
    "@/equipment_investment": {
        **dict.fromkeys(['"1200"', '"１２００"', '"20000*3"', '"五百万"', '""', "true", "[1]", "[]", '{"值": 1}'], NUMBER),
        **dict.fromkeys(["NaN", "Infinity", "-Infinity", "1e400", "-1e400", "1e99999999999999999999", "1e300"], TOO_LARGE),
        **dict.fromkeys(["9" * 5000, "10000000000001", "10000000000000.01"], TOO_LARGE),
        **dict.fromkeys(["1200.001", "0.005", "1e-9", "12345678.120001", "1e-99999999999999999999"], TOO_FINE),
        **dict.fromkeys(["-1", "-0.01", "-1e6"], NEGATIVE),
    },
    "#/weight": {"1.00000000000000000001": "位数太多", "-1": NEGATIVE, '"1"': NUMBER},
    "@/loan_days": {**dict.fromkeys(["1.5", '"30"', "false", "NaN"], WHOLE), "-30": NEGATIVE, **dict.fromkeys(["1e30", "1e400"], TOO_LARGE)},
    "@/application_date": {
        **dict.fromkeys(['"2021-02-30"', '"2021/03/05"', '"20210305"', '"2021-3-5"', '"２０２１-03-05"', '"2021-W10-5"'], DAY),
        **dict.fromkeys(["44260", "true", '"2021-03-05T00:00"', '"今天"', "[]"], DAY),
        **dict.fromkeys(['"9999-12-31"', '"0001-01-01"'], "年份不在"),
        '"1970-01-01"': "表示没有填",
        '"2019-12-31"': "不在申报年度",
    },
    "@/catalogue_category": {
        **dict.fromkeys(['"Encouraged"', '"鼓励类"', '"encouraged "', '""', "0", "true", '["encouraged"]'], "应填取值名之一"),
        '"\\ud800"': "\\ud800",
    },
    "@/in_use": dict.fromkeys(["1", "0", '"是"', '"true"', "1.0", "[true]"], YES),
    "#/county": dict.fromkeys(['"mars"', '"任城区"', '"370811"', "370811", '["rencheng", "yanzhou"]'], "应填取值名之一"),
}  # fmt: skip
PERIODS = [
    "2021-13", "2021-01", "2021-01-01", "ETERNITY", "eternity", "month:2021-01", "month:2021-01:12", "year:2021:3", "day:2021-01-01",
    "2021-W05", "２０２１", " 2021", "21", "02021", "1899", "2200", "-2021", "2021.0", "今年", "",
]  # fmt: skip
CODE = "91370800MA3C000000"

#: What it is -> path, JSON text there, words. A status of 404 instead of 400 is the fourth.
STRUCTURES: dict[str, tuple] = {
    # entities
    "an entity that is none": ("companies", "{}", "可以写的是：projects"),
    "an entity in the singular": ("project", '{"甲": {}}', "没有「project」"),
    "an entity in Chinese": ("企业", "{}", "没有「企业」"),
    "axes": ("axes", '[[{"name": "equipment_investment", "count": 2, "min": 0, "max": 1, "period": "2021"}]]', "没有「axes」"),
    "no projects": ("projects", "{}", "没有任何项目"),
    "projects that are nothing": ("projects", "null", "应为一个对象"),
    "projects as a list": ("projects", '["甲"]', "应为一个对象"),
    "enterprises as text": ("enterprises", '"乙"', "应为一个对象"),
    "a project that is nothing": ("@", "null", "应为一个对象"),
    "a project as a list": ("@", "[]", "应为一个对象"),
    "an enterprise as text": ("#", '"甲"', "应为一个对象"),
    # ids
    "an empty id": ("projects/*", '"甲": {}, "": {}', "编号不能为空"),
    "a blank id": ("projects/*", '"甲": {}, "　": {}', "编号不能为空"),
    "a slash in an id": ("enterprises/*", '"91370800/1": {"projects": ["甲"]}', "斜杠"),
    "half a character in an id": ("projects/*", '"a\\ud800": {}', "U+D800"),
    "half a character as bytes": ("projects/*", '"a\udfff": {}', "U+DFFF"),
    "a control character in an id": ("enterprises/*", '"乙\\u0000": {"projects": ["甲"]}', "U+0000"),
    "a line break in an id": ("enterprises/*", '"乙\\n丙": {"projects": ["甲"]}', "U+000A"),
    "an id without end": ("enterprises/*", f'"{"乙" * 100_000}": {{"projects": ["甲"]}}', "100,000 个字"),
    "a credit code instead of its name": ("@/credit_code", f'{{"YEAR": "{CODE}"}}', "没有「credit_code」", 404),
    "an id of digits with a fault": (f"enterprises/{CODE[:2]}0000000", '{"projects": ["甲"], "county": {"YEAR": "mars"}}', "910000000"),
    # members
    "the member's key in the singular": ("enterprises/*", '"乙": {"project": ["甲"]}', "成员写在 projects 之下", 404),
    "a role that is none": ("#/lead", '["甲"]', "没有「lead」", 404),
    "no members": ("#/projects", "[]", "没有列出任何项目"),
    "members left out": ("enterprises/*", '"乙": {}', "没有列出任何项目"),
    "members that are nothing": ("#/projects", "null", "没有列出任何项目"),
    "members that are numbers": ("#/projects", "[1]", "编号的列表"),
    "members as an object": ("#/projects", '{"甲": {}}', "编号的列表"),
    "members within members": ("#/projects", '[["甲"]]', "编号的列表"),
    "a member that is no project": ("#/projects", '["甲", "丁"]', "没有项目「丁」"),
    "a member twice": ("#/projects", '["甲", "甲"]', "写了两次"),
    "a member a hundred thousand times": ("#/projects", json.dumps(["甲"] * 100_000), "写了两次"),
    "a project of two enterprises": ("enterprises/丙", '{"projects": ["甲"]}', "已经在「乙」之下"),
    "a project of two cities": ("cities", '{"济宁市": {"projects": ["甲"]}, "枣庄市": {"projects": ["甲"]}}', "已经在「济宁市」之下"),
    "a project of two consortia": ("consortia", '{"一": {"projects": ["甲"]}, "二": {"projects": ["甲"]}}', "已经在「一」之下"),
    "a project of no enterprise": ("projects/丁", "{}", "「丁」没有列在任何企业之下"),
    "enterprises without any": ("enterprises", "{}", "没有列在任何企业之下"),
    "an outsider with the name of a consortium": ("*", '"projects": {"甲": {}, "丁": {}}, "consortia": {"丁": {"projects": ["甲"]}}', "同名"),
    # variables
    "a variable that is none": ("@/equipment_invest", '{"YEAR": 1}', "是不是要写 equipment_investment", 404),
    "a variable by its label": ("@/设备投资额", '{"YEAR": 1}', "是不是要写 equipment_investment", 404),
    "a variable far from any": ("@/x", '{"YEAR": 1}', "变量名见 /variables", 404),
    "a variable without a name": ("@/*", '"": {"YEAR": 1}', "没有「」", 404),
    "a variable without end": ("@/*", f'"{"x" * 200_000}": {{"YEAR": 1}}', "200,000 个字", 404),
    "half a character in a variable": ("@/*", '"\\udfff": {"YEAR": 1}', "\\udfff", 404),
    "a fact of the enterprise": ("@/county", '{"YEAR": "rencheng"}', "写在 enterprises 之下"),
    "a fact of the project": ("#/in_use", '{"YEAR": true}', "写在 projects 之下"),
    "a question to the wrong entity": ("#/robot_investment", '{"YEAR": null}', "写在 projects 之下"),
    "an input for what is computed": ("@/total_paid", '{"YEAR": 1000000}', "是算出来的"),
    "an input for what is computed on the way": ("@/jining_2017_equipment__uncapped", '{"YEAR": 1}', "是算出来的"),
    # years
    "no year": ("@/equipment_investment", "1200", "要按年填写"),
    "nothing instead of years": ("@/equipment_investment", "null", "要按年填写"),
    "a list of years": ("@/equipment_investment", '["2021"]', "要按年填写"),
    "no year at all": ("@/equipment_investment", "{}", "是空的"),
    "a question about another year": ("@/total_paid", '{"2025": null}', "问的是 2025 年"),
    "a question of the enterprise about another year": ("#/employees", '{"2025": null}', "问的是 2025 年"),
    "facts under another year": ("projects/*", '"甲": {"equipment_investment": {"2015": 1}, "total_paid": {"YEAR": null}}', "填的都是 2015 年"),
    # keys twice
    "a project twice": ("projects/*", '"甲": {}, "甲": {}', "「甲」写了两次"),
    "all projects twice": ("*", '"projects": {"甲": {}}, "projects": {"丁": {}}', "「projects」写了两次"),
    "a fact twice": ("@/*", '"loan_days": {"YEAR": 1}, "loan_days": {"YEAR": 2}', "「loan_days」写了两次"),
    "a year twice": ("@/loan_days", '{"YEAR": 1, "YEAR": 2}', "写了两次"),
    "the same year with an escape": ("@/loan_days", '{"2021": 1, "202\\u0031": 2}', "「2021」写了两次"),
    "members twice": ("enterprises/*", '"乙": {"projects": ["甲"], "projects": ["甲"]}', "「projects」写了两次"),
    # facts that contradict one another
    "robots that cost more than all equipment": ("@/robot_investment", '{"YEAR": 30000000.01}', "大于"),
    "special robots that cost more than all equipment": ("@/special_robot_investment", '{"YEAR": 30000000.01}', "大于"),
    "more unproductive equipment than equipment": ("@/nonproductive_equipment", '{"YEAR": 30000000.01}', "大于它所属的"),
    "robots that cost more than all equipment together": ("@/*", '"robot_investment": {"YEAR": 20000000.1}, "special_robot_investment": {"YEAR": 10000000}, "equipment_investment": {"YEAR": 30000000}', "合计 30000000.1，大于它们所属的"),
    "less equipment of all years than of one": ("@/*", '"equipment_investment": {"YEAR": 2}, "cumulative_equipment_investment": {"YEAR": 1.99}', "大于它所属的项目累计设备投资额"),
    "more equipment in use than there is": ("@/equipment_in_use", '{"YEAR": 30000000.01}', "大于它所属的"),
    "all in use and a part in use": ("@/*", '"in_use": {"YEAR": true}, "equipment_in_use": {"YEAR": 1}, "equipment_investment": {"YEAR": 2}', "只有一部分投入使用的填 false"),
    "more unproductive equipment than all years'": ("@/*", '"project_type": {"YEAR": "zero_land"}, "cumulative_equipment_investment": {"YEAR": 13}, "nonproductive_equipment": {"YEAR": 13.01}', "大于它所属的项目累计设备投资额"),
    "the first word of a fact": ("@/equipment", '{"YEAR": 1}', "是不是要写 equipment_investment", 404),
    "robots at a post that are not bought": ("@/*", '"robot_investment": {"YEAR": 1}, "robot_at_post_investment": {"YEAR": 2}', "大于它所属的"),
    "a city's date of another year": ("@/city_application_date", '{"YEAR": "2018-01-01"}', "不在申报年度"),
    # depth and size
    "deep values": ("@/equipment_investment", '{"YEAR": ' + "[" * 900 + "]" * 900 + "}", NUMBER),
    "deeper than Python goes": ("@/equipment_investment", "[" * 200_000 + "]" * 200_000, "嵌套太深"),
    "deep objects": ("@/equipment_investment", '{"YEAR": ' + '{"a": ' * 500 + "1" + "}" * 501, NUMBER),
    "a long list for a value": ("@/equipment_investment", '{"YEAR": ' + json.dumps([1] * 100_000) + "}", NUMBER),
    "more projects than can be looked up": ("projects/*", '"甲": {}, ' + ", ".join(f'"{n}": {{}}' for n in range(10_001)), "至多 10,000 个"),
    # text that is no JSON
    "a comma too many": ("@/*", '"loan_days": {"YEAR": 1},', "第 1 行第"),
    "single quotes": ("@/*", "'loan_days': {'YEAR': 1}", "第 1 行第"),
    "a comment": ("@/*", '"loan_days": {"YEAR": 1} /* x */', "第 1 行第"),
    "full-width quotes": ("@/*", "“loan_days”: {“YEAR”: 1}", "第 1 行第"),
    "a leading zero": ("@/loan_days", '{"YEAR": 030}', "第 1 行第"),
    "Python's None": ("@/total_paid", '{"YEAR": None}', "第 1 行第"),
    "nothing after a colon": ("@/loan_days", '{"YEAR": }', "第 1 行第"),
}  # fmt: skip

#: Id of a test -> seed, path, text, words, status.
SITUATIONS: dict[str, tuple[str, str, str, str, int]] = {}
for _seed in SEEDS:
    for _name, (_path, _text, _words, *_status) in STRUCTURES.items():
        SITUATIONS[f"{_seed}: {_name}"] = _seed, _path, _text, _words, (_status or [400])[0]
    for _fact, _values in VALUES.items():
        for _text, _words in _values.items():
            SITUATIONS[f"{_seed}: {_fact} {_text[:24]}"] = _seed, f"{_fact}/YEAR", _text, _words, 400
    for _period in PERIODS:
        for _value in ("1", "null"):
            SITUATIONS[f"{_seed}: {_value} in {_period!r}"] = (
                _seed,
                "@/loan_days",
                f'{{"{_period}": {_value}}}',
                "不是一个申报年度",
                400,
            )
