"""The package as OpenFisca's own tools and a stranger's machine see it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from openapi_spec_validator import validate

ROOT = Path(__file__).parent.parent
OPENFISCA = Path(sys.executable).with_name("openfisca")


@pytest.fixture(scope="module")
def api(system):
    from openfisca_web_api.app import create_app

    return create_app(system).test_client()


def post(api, path, situation):
    return api.post(path, data=json.dumps(situation), content_type="application/json")


def example(name):
    return json.loads((ROOT / "situation_examples" / f"{name}.json").read_text(encoding="utf-8"))


def test_spec_is_valid_openapi(api):
    answer = api.get("/spec")
    assert answer.status_code == 200
    validate(answer.get_json())


def test_calculate_answers_chinese_situations(api):
    robots = post(api, "/calculate", example("yanzhou_robots_2022"))
    assert robots.status_code == 200
    project = robots.get_json()["projects"]["智能化改造项目"]
    # A 类：1200 万 × (5% + 1%) = 72 万
    assert project["total_paid"]["2022"] == 720_000
    assert project["yanzhou_2020_application__measure"]["2022"] == "robots"
    cities = post(api, "/calculate", example("jining_and_zaozhuang_2021")).get_json()["projects"]
    assert cities["任城设备项目"]["jining_2017_equipment__paid"]["2021"] == 900_000
    assert cities["滕州设备项目"]["zaozhuang_2020_equipment__paid"]["2021"] == 800_000
    assert cities["滕州设备项目"]["zaozhuang_2020_loan_interest__paid"]["2021"] == 130_000


def test_trace_names_the_clause_parameters_it_read(api):
    trace = post(api, "/trace", example("yanzhou_robots_2022")).get_json()["trace"]
    read = {name for step in trace.values() for name in step.get("parameters", {})}
    assert any(name.startswith("yanzhou_2020.robots.rate") for name in read)


def test_a_missing_or_impossible_fact_is_the_callers_error_in_chinese(api):
    situation = example("yanzhou_robots_2022")
    del situation["enterprises"]["示例机械有限公司"]["yield_per_mu_class"]
    answer = post(api, "/calculate", situation)
    assert answer.status_code == 400
    assert "缺少事实「亩产效益评价」" in json.dumps(answer.get_json(), ensure_ascii=False)
    situation = example("yanzhou_robots_2022")
    situation["projects"]["智能化改造项目"]["equipment_investment"]["2022"] = -1
    assert post(api, "/calculate", situation).status_code == 400


def test_an_unstated_amount_is_the_callers_error_in_chinese(api):
    situation = {
        "projects": {"项目": {}},
        "enterprises": {
            "企业": {
                "projects": ["项目"],
                "county": {"2021": "rencheng"},
                "military_certificates": {"2021": 1},
                "jining_2020_military_certificates__paid": {"2021": None},
            }
        },
    }
    answer = post(api, "/calculate", situation)
    assert answer.status_code == 400
    assert "文件未定" in json.dumps(answer.get_json(), ensure_ascii=False)


def run(command, **environment):
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("LC_", "LANG", "PYTHON"))}
    return subprocess.run(command, env=kept | environment, cwd=ROOT, capture_output=True, timeout=300)


def test_openfisca_test_runs_the_cases_and_fails_on_one_fen(tmp_path):
    cases = ROOT / "tests" / "zaozhuang_2020" / "equipment.yaml"
    command = [str(OPENFISCA), "test", "--country-package", "openfisca_jining"]
    assert run([*command, str(cases)]).returncode == 0
    wrong = tmp_path / "wrong.yaml"
    wrong.write_text(
        "- name: 二千万元差一分\n  period: 2019\n"
        "  input: {county: rencheng, catalogue_category: encouraged, in_use: true, equipment_investment: 90000000}\n"
        "  output: {jining_2017_equipment__paid: 2699999.99}\n",
        encoding="utf-8",
    )
    assert run([*command, str(wrong)]).returncode != 0


@pytest.mark.parametrize(
    "locale",
    [
        {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
        {"LC_ALL": "zh_CN.GBK", "PYTHONUTF8": "0", "PYTHONIOENCODING": "gbk"},
        {"LC_ALL": "C.UTF-8", "PYTHONHASHSEED": "7", "TZ": "Asia/Shanghai"},
    ],
)
def test_any_locale_loads_the_law_and_prints_to_a_gbk_console(locale):
    answer = run([sys.executable, "-m", "openfisca_jining", "clauses"], **locale)
    encoding = locale.get("PYTHONIOENCODING", "utf-8")
    assert answer.returncode == 0, answer.stderr.decode(encoding, "replace")
    assert "文件未定的参数" in answer.stdout.decode(encoding)
    test = [str(OPENFISCA), "test", "--country-package", "openfisca_jining", "tests/national/sme.yaml"]
    assert run(test, **locale).returncode == 0


def test_the_wheel_carries_the_law(tmp_path):
    """Build the wheel, install it away from the checkout and compute a grant (see also .ci/run: in a clean environment)."""
    build = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-deps",
        "--no-build-isolation",
        "-q",
        "-w",
        str(tmp_path),
        str(ROOT),
    ]
    made = run(build)
    assert made.returncode == 0, made.stderr.decode()
    wheel = next(tmp_path.glob("*.whl"))
    place = tmp_path / "installed"
    install = [sys.executable, "-m", "pip", "install", "--no-deps", "-q", "--target", str(place), str(wheel)]
    assert run(install).returncode == 0
    program = (
        "import openfisca_jining, sys\n"
        f"assert openfisca_jining.__file__.startswith({str(place)!r}), openfisca_jining.__file__\n"
        "from openfisca_core.simulations import SimulationBuilder as B\n"
        "b = B(); b.set_default_period('2022')\n"
        "s = b.build_from_dict(openfisca_jining.CountryTaxBenefitSystem(), {'county': 'yanzhou',"
        " 'yield_per_mu_class': 'B', 'equipment_investment': 10000000})\n"
        "print(s.calculate('total_paid', '2022')[0])\n"
    )
    answer = subprocess.run(
        [sys.executable, "-c", program], env={**os.environ, "PYTHONPATH": str(place)}, cwd=tmp_path, capture_output=True
    )
    assert answer.stdout.decode().strip() == "300000.0", answer.stderr.decode()
