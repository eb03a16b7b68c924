"""The web API under requests that are wrong: an answer in Chinese that says where and what, never a failure of the server's own."""

from __future__ import annotations

import copy
import json
import random
import subprocess
import sys
from pathlib import Path

import pytest

from openfisca_jining import core_guards, web_api

ROOT = Path(__file__).parent.parent
EXAMPLES = [
    json.loads(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "situation_examples").glob("*.json"))
]


@pytest.fixture(scope="module")
def api(system):
    import openfisca_web_api.app

    web_api.install()
    return openfisca_web_api.app.create_app(system).test_client()


def test_the_guards_stand_whichever_is_loaded_first_and_once(api):
    """``openfisca serve`` loads Core's interface before this package; a notebook may do the reverse."""
    from openfisca_web_api import handlers

    before = handlers.calculate
    core_guards.install()
    assert handlers.calculate is before
    said = "import openfisca_web_api.app as app, openfisca_jining; from openfisca_web_api import handlers; print(handlers.guarded_by_jining, app.Flask.__name__)"
    printed = subprocess.run([sys.executable, "-c", said], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert printed.split() == ["True", "GuardedFlask"]


def post(api, situation, path="/calculate"):
    return api.post(path, data=json.dumps(situation), content_type="application/json")


def situation(**facts):
    return {"projects": {"甲": facts}, "enterprises": {"乙": {"projects": ["甲"], "county": {"2021": "tengzhou"}}}}


GRANT = {"zaozhuang_2020_equipment__paid": {"2021": None}}

WRONG = {
    "full-width digits": (situation(equipment_investment={"2021": "１２００"}), "应填数，填的是 '１２００'"),
    "a number in quotes": (situation(equipment_investment={"2021": "1200"}), "不要加引号"),
    "true for an amount": (situation(equipment_investment={"2021": True}), "应填数，填的是 true"),
    "a list for an amount": (situation(equipment_investment={"2021": [1]}), "应填数"),
    "negative": (situation(equipment_investment={"2021": -1.0}, **GRANT), "负"),
    "not a number": (situation(equipment_investment={"2021": float("nan")}, **GRANT), "equipment_investment"),
    "beyond what is counted": (situation(equipment_investment={"2021": 1e30}, **GRANT), "equipment_investment"),
    "a month": (situation(equipment_investment={"2021-01": 1.0}), "「2021-01」不是一个申报年度"),
    "three years": (situation(equipment_investment={"year:2021:3": 1.0}), "四位数字"),
    "no year": (situation(equipment_investment=1.0), "要按年填写"),
    "full-width year": (situation(equipment_investment={"２０２１": 1.0}), "不是一个申报年度"),
    "a day that is none": (situation(application_date={"2021": "2021-02-30"}), "日期 YYYY-MM-DD"),
    "an unknown class": (situation(project_type={"2021": "big"}), "ordinary、zero_land"),
    "yes in words": (situation(in_use={"2021": "是"}), "true 或 false"),
    "half a robot": (situation(loan_days={"2021": 1.5}), "整数"),
    "no projects in an enterprise": ({"projects": {"甲": {}}, "enterprises": {"乙": {}}}, "没有列出任何项目"),
    "members that are numbers": ({"projects": {"甲": {}}, "enterprises": {"乙": {"projects": [1]}}}, "编号的列表"),
    "an empty id": ({"projects": {"": {}}}, "编号不能为空"),
    "a slash in an id": ({"projects": {"甲/乙": {}}, "enterprises": {"乙": {"projects": ["甲/乙"]}}}, "斜杠"),
    "an entity that is none": ({"companies": {}}, "可以写的是：projects"),
    "a list": ([], "应为一个对象"),
    "a list of projects": ({"projects": ["甲"]}, "应为一个对象"),
    "a project that is a number": ({"projects": {"甲": 1}}, "应为一个对象"),
}


@pytest.mark.parametrize("path", ["/calculate", "/trace"])
@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_in_chinese_with_its_place(api, case, path):
    body, words = WRONG[case]
    answer = post(api, body, path)
    assert answer.status_code == 400, answer.get_json()
    assert words in json.dumps(answer.get_json(), ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (b"{}", None),
        (b"{}", "text/plain"),
        (b"{", "application/json"),
        (b"\xff\xfe", "application/json"),
        (b"", "application/json"),
        (b"[" * 200_000, "application/json"),
        (b"null", "application/json"),
        (b'{"projects": "\xd6\xd0"}', "application/json"),  # GBK
    ],
)
def test_what_is_not_json_is_the_callers_error(api, body, kind):
    assert api.post("/calculate", data=body, content_type=kind).status_code == 400


def test_nothing_with_many_decimals_is_nothing(api):
    body = json.dumps(situation(equipment_investment={"2021": 1.5})).replace("1.5", "0.00000")
    assert api.post("/calculate", data=body, content_type="application/json").status_code == 200


def test_a_request_that_is_too_long_is_refused(api):
    answer = api.post("/calculate", data=b" " * (web_api.LARGEST_REQUEST + 1), content_type="application/json")
    assert answer.status_code == 413
    assert "openfisca-jining budget" in answer.get_json()["error"]


def test_the_examples_of_the_specification_work(api):
    spec = api.get("/spec").get_json()
    example = spec["components"]["schemas"]["SituationInput"]["example"]
    assert post(api, example).status_code == 200


NUMBERED = "370812199001011234"


@pytest.mark.parametrize("path", ["/calculate", "/trace"])
def test_a_project_whose_name_is_a_number_is_named_in_the_refusal(api, path):
    """Found by fuzzing: the number was taken for the place in a list, and the list filled the memory."""
    facts = {"equipment_investment": {"2021": "1200"}}
    body = {
        "projects": {NUMBERED: facts},
        "enterprises": {"1": {"projects": [NUMBERED], "county": {"2021": "tengzhou"}}},
    }
    error = post(api, body, path).get_json()
    assert list(error) == ["projects"] and list(error["projects"]) == [NUMBERED]
    assert "不要加引号" in error["projects"][NUMBERED]["equipment_investment"]["2021"]
    unknown = post(api, {"projects": {NUMBERED: {"gift": {"2021": 1}}}}, path).get_json()
    assert list(unknown["projects"][NUMBERED]) == ["gift"]


ODD = [None, 0, -1, 1e400, 10**30, "", "１２", [], {}, {"": 1}, True, "2021-02-30", "\0", "🤖", 1.5, 2**63, "yanzhou"]
PERIODS = ["2021-13", "", "ETERNITY", "month:2021-01:12", "year:2021:3", "9999", "0", "２０２１", "2021-W05", "2020"]


def changed(dice: random.Random, body):
    """A request with one to three places replaced, taken away, or put under another name."""
    body = copy.deepcopy(body)
    for _ in range(dice.choice([1, 1, 2, 3])):
        holder, place = dice.choice(list(places(body)))
        act = dice.random()
        if act < 0.5:
            holder[place] = copy.deepcopy(dice.choice(ODD))
        elif act < 0.65 or not isinstance(holder, dict):
            del holder[place]
        else:
            holder[dice.choice([*PERIODS, "x", "projects", "total_paid", "county"])] = holder.pop(place)
        if not body:
            break
    return body


def places(tree):
    for key in list(tree) if isinstance(tree, dict) else range(len(tree)):
        yield tree, key
        if isinstance(tree[key], (dict, list)):
            yield from places(tree[key])


def test_no_changed_request_makes_the_server_fail(api):
    answers = []
    for seed in range(300):
        dice = random.Random(seed)
        body = changed(dice, dice.choice(EXAMPLES))
        answers.append(post(api, body, dice.choice(["/calculate", "/trace"])).status_code)
    assert set(answers) == {200, 400, 404}
