"""Requests and cases that are wrong are refused in Chinese, with place, value and what to do; nothing of them is dropped or changed."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
from bad_cases import BROKEN_FILES, CASES, GOOD_CASE
from bad_situations import ASKED, SEEDS, SITUATIONS, changed, seed

from openfisca_jining import web_api

OPENFISCA = Path(sys.executable).with_name("openfisca")
ADVICE = re.compile(r"请|应|只能|至多|可以写|是不是要写|见 /variables|不能")
#: An answer longer than this, characters, tells a reader nothing.
LONGEST_ANSWER = 1_500


@pytest.fixture(scope="module")
def api(system):
    import openfisca_web_api.app

    web_api.install()
    return openfisca_web_api.app.create_app(system).test_client()


def post(api, data: bytes, route: str):
    return api.post(route, data=data, content_type="application/json")


def answer_of(response) -> str:
    return json.dumps(json.loads(response.get_data()), ensure_ascii=False)


@pytest.mark.parametrize("name", SEEDS)
def test_the_seeds_behind_all_this_are_answered(api, name):
    year, body = seed(name)
    response = post(api, json.dumps(body).encode(), "/calculate")
    assert response.status_code == 200, answer_of(response)
    paid = json.loads(response.get_data())["projects"]["甲"][ASKED][year]
    assert paid == {"jining": 900_000, "yanzhou": 720_000, "zaozhuang": 930_000.28}[name]


def test_the_float_error_of_a_sum_is_no_fraction_of_a_fen(api):
    _, body = seed("jining")
    body["projects"]["甲"]["equipment_investment"]["2021"] = 29_999_999.999999996
    response = post(api, json.dumps(body).encode(), "/calculate")
    assert json.loads(response.get_data())["projects"]["甲"][ASKED]["2021"] == 900_000


def test_unproductive_equipment_of_a_zero_land_project_may_be_of_earlier_years(api):
    _, body = seed("jining")
    said = {
        "equipment_investment": 1_000_000,
        "cumulative_equipment_investment": 13_000_000,
        "project_type": "zero_land",
    }
    said |= {"nonproductive_equipment": 3_000_000, "equipment_in_use": 13_000_000}
    body["projects"]["甲"] |= {name: {"2021": value} for name, value in said.items()}
    response = post(api, json.dumps(body).encode(), "/calculate")
    assert response.status_code == 200, answer_of(response)
    assert json.loads(response.get_data())["projects"]["甲"][ASKED]["2021"] == 300_000


def test_parts_that_are_their_whole_but_for_the_float_error_of_a_sum_are_no_contradiction(api):
    _, body = seed("jining")
    said = {"equipment_investment": 0.3, "robot_investment": 0.1 + 0.2 - 0.1, "special_robot_investment": 0.1}
    body["projects"]["甲"] |= {name: {"2021": value} for name, value in said.items()}
    assert post(api, json.dumps(body).encode(), "/calculate").status_code == 200


@pytest.mark.parametrize("name", SITUATIONS)
def test_a_bad_situation(api, name):
    which, path, text, words, status = SITUATIONS[name]
    data = changed(which, path, text)
    for route in ("/calculate", "/trace"):
        response = post(api, data, route)
        said = answer_of(response).replace("\\\\", "\\")
        assert response.status_code == status, said[:500]
        assert words in said and ADVICE.search(said), said
        assert len(said) < LONGEST_ANSWER and "Internal" not in said
        assert ("数字不要加引号" in said) == ("应填数" in said or "应填整数" in said), said
    tree = json.loads(response.get_data())
    steps = []
    while isinstance(tree, dict):
        ((step, tree),) = tree.items()
        steps.append(step)
    assert isinstance(tree, str) and re.search(r"[一-鿿]", tree)
    assert steps[0] in ("error", "projects", "enterprises", "consortia", "cities", path)


# ----- cases of openfisca test -----


def run(folder: Path) -> tuple[int, str]:
    command = [str(OPENFISCA), "test", "--country-package", "openfisca_jining", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, cwd=folder)
    return done.returncode, done.stdout + done.stderr


@pytest.fixture(scope="module")
def cases_said(tmp_path_factory):
    """Exit status and output of one run over all bad cases, each in a file of its own."""
    folder = tmp_path_factory.mktemp("cases")
    for number, name in enumerate(CASES):
        (folder / f"case_{number:03d}.yaml").write_text(CASES[name][0], encoding="utf-8")
    return run(folder)


@pytest.fixture(scope="module")
def files_said(tmp_path_factory):
    folder = tmp_path_factory.mktemp("files")
    for number, name in enumerate(BROKEN_FILES):
        (folder / f"file_{number:03d}.yaml").write_bytes(BROKEN_FILES[name][0])
    return run(folder)


def test_a_good_case_passes(tmp_path):
    (tmp_path / "good.yaml").write_text(GOOD_CASE, encoding="utf-8")
    status, said = run(tmp_path)
    assert status == 0 and "1 passed" in said, said


def test_every_bad_case_fails_and_the_status_says_so(cases_said):
    status, said = cases_said
    assert status == 1 and f"{len(CASES)} failed" in said.splitlines()[-1], said[-2000:]
    assert "passed" not in said.splitlines()[-1]


@pytest.mark.parametrize("name", CASES)
def test_a_bad_case(cases_said, name):
    number, words = list(CASES).index(name), CASES[name][1]
    (part,) = re.findall(rf"(?ms)^(?:用例文件 )?\S*case_{number:03d}\.yaml[:，].*?(?=^___|^===)", cases_said[1])
    assert words in part and ADVICE.search(part), part
    assert "Traceback" not in part and ".py" not in part and len(part) < LONGEST_ANSWER
    assert "Could not" not in part


@pytest.mark.parametrize("name", BROKEN_FILES)
def test_a_broken_file_of_cases(files_said, name):
    status, said = files_said
    assert status == 2
    number, words = list(BROKEN_FILES).index(name), BROKEN_FILES[name][1]
    (part,) = re.findall(rf"(?ms)^_+ ERROR collecting file_{number:03d}\.yaml _+\n(.*?)(?=^___|^===)", said)
    assert words in part and ADVICE.search(part), part
    assert part.startswith("用例文件") and "Traceback" not in part and len(part) < LONGEST_ANSWER
