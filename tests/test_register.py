"""Clause coverage as a gate: register, parameters, variables and cases know each other."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml

from openfisca_jining.clauses.register import DOCUMENTS, clauses, documents
from openfisca_jining.law import find, leaves
from openfisca_jining.variable_types import Fact

ROOT = Path(__file__).parent.parent
MONEY = {
    "grant",
    "interest_subsidy",
    "budget_pool",
    "fund",
    "award_without_amount",
    "equity_investment",
}
#: Facts are inputs, some with a formula for their default; this one only says whether a project states any amount.
DEFAULTS = {"has_claim"}


def yaml_cases():
    for path in sorted((ROOT / "tests").rglob("*.yaml")):
        for case in yaml.safe_load(path.read_text(encoding="utf-8")):
            yield path, case


CASES = list(yaml_cases())


def output_variables(case, system):
    names = set()
    for key, value in case["output"].items():
        if key in system.variables:
            names.add(key)
        else:
            for outputs in value.values():
                names |= set(outputs)
    return names


@pytest.fixture(scope="module")
def tested(system):
    return {name for _, case in CASES for name in output_variables(case, system)}


def test_the_register_holds_every_entry_once():
    counts = Counter(entry["id"] for entry in clauses())
    assert len(counts) == 135
    assert set(counts.values()) == {1}
    for entry in clauses():
        missing = {"locator", "kinds", "summary", "numbers", "readings", "unstated", "status"} - set(entry)
        assert not missing, (entry["id"], missing)
        assert entry["status"] in ("modelled", "target", "recorded"), entry["id"]
        assert entry["status"] != "recorded" or entry["reason"], entry["id"]


def test_what_the_register_names_exists(system):
    for entry in clauses():
        for path in (*entry.get("parameters", []), *entry["readings"]):
            find(system.parameters, path)
        for name in entry.get("variables", []):
            assert name in system.variables, (entry["id"], name)


def test_every_parameter_cites_a_clause_of_the_register(system):
    known = {entry["id"] for entry in clauses()} | {"national"}
    for parameter in leaves(system.parameters):
        cited = parameter.metadata.get("clause")
        cited = [cited] if isinstance(cited, str) else cited
        assert cited and set(cited) <= known, (parameter.name, cited)
        for key in ("label", "unit", "period", "reference"):
            assert parameter.metadata.get(key), (parameter.name, key)
        assert all(one["title"] for one in parameter.metadata["reference"]), parameter.name


def test_every_parameter_is_named_by_an_entry_it_cites(system):
    named = {entry["id"]: entry.get("parameters", []) + entry["readings"] for entry in clauses()}
    unnamed = []
    for parameter in leaves(system.parameters):
        cited = parameter.metadata["clause"]
        cited = [cited] if isinstance(cited, str) else cited
        paths = [path for one in cited if one != "national" for path in named[one]]
        if cited != ["national"] and not any(f"{parameter.name}.".startswith(path + ".") for path in paths):
            unnamed.append((parameter.name, cited))
    assert unnamed == []


def test_every_money_entry_has_a_variable_and_a_case(tested):
    cited = {keyword for _, case in CASES for keyword in case.get("keywords", [])}
    for entry in clauses():
        if not MONEY & set(entry["kinds"]):
            continue
        assert entry["status"] == "modelled", entry["id"]
        assert entry["variables"], entry["id"]
        assert set(entry["variables"]) & tested, (entry["id"], entry["variables"])
        assert entry["id"] in cited, f"没有用例的 keywords 引用 {entry['id']}"


def test_every_case_cites_clauses_and_is_named_once():
    known = {entry["id"] for entry in clauses()} | {"national"}
    names = Counter(case["name"] for _, case in CASES)
    assert [name for name, count in names.items() if count > 1] == []
    for path, case in CASES:
        assert set(case["keywords"]) <= known, (path, case["name"])


def test_every_formula_variable_is_the_output_of_a_case(system, tested):
    untested = [
        name
        for name, variable in system.variables.items()
        if variable.formulas and not isinstance(variable, Fact) and name not in tested and name not in DEFAULTS
    ]
    assert untested == []


def test_every_reading_has_a_case_for_each_value_but_the_default(system):
    used = set()
    for _, case in CASES:
        reforms = case.get("reforms", [])
        used |= set([reforms] if isinstance(reforms, str) else reforms)
    for parameter in leaves(system.parameters):
        known = list(parameter.metadata.get("readings", {}))
        if known:
            assert parameter.values_list[-1].value == known[0], parameter.name
        document, *_, reading = parameter.name.split(".")
        for value in known[1:]:
            assert f"openfisca_jining.readings.{document}__{reading}__{value}" in used, (parameter.name, value)


def test_every_reading_belongs_to_an_entry(system):
    listed = {path for entry in clauses() for path in entry["readings"]}
    readings = {one.name for one in leaves(system.parameters) if one.metadata.get("readings")}
    assert readings <= listed


def test_there_are_at_least_three_hundred_cases():
    assert len(CASES) >= 300


# ----- layout -----

#: Stems without a formula of their own, and the variable files that only help others.
ONLY_PARAMETERS = {"readings", "targets"}
HELPERS = {"booking", "rates", "choice", "plans", "terms"}
#: Facts about the applicant have no number of their own.
NO_NUMBER = {"jining_2017": set(), "yanzhou_2020": set(), "zaozhuang_2020": set(), "jining_2020": set()}


@pytest.mark.parametrize("document", [*DOCUMENTS, "national"])
def test_one_clause_is_three_files_with_one_stem(document):
    def stems(folder, suffix):
        return {path.stem for path in (ROOT / folder / document).glob(f"*{suffix}")}

    parameters = stems("parameters", ".yaml") - ONLY_PARAMETERS
    variables = stems("variables", ".py") - HELPERS
    cases = stems("tests", ".yaml")
    if document == "national":
        assert variables <= parameters
        assert cases <= parameters
        return
    assert parameters - variables <= {"validity"} if document == "shandong_2018" else parameters == variables
    assert cases == variables


def test_formulas_hold_no_numbers_of_the_law():
    import ast

    allowed = {0, 1, -1, 2, 12, 0.01, 1e-9}
    found = []
    for path in sorted((ROOT / "variables").rglob("*.py")):
        if path.parent.name == "facts":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Constant) and type(node.value) in (int, float) and node.value not in allowed:
                found.append(f"{path.relative_to(ROOT)}:{node.lineno}: {node.value}")
    assert found == []


# ----- numbers and days of the law -----

#: Numbers that the law gives in words, or that the register counts in another unit.
IN_WORDS = {
    "yanzhou_2020.consortium.minimum_members": 2,  # 「共同」
    "yanzhou_2020.informatisation.one_system": 1,  # 「单个系统」
    "yanzhou_2020.informatisation.several_systems": 2,  # 「多个系统」
    "yanzhou_2020.applicant.clean_record_months": 36,  # 近3年
    "jining_2020.military_certificates.certificates": 3,  # 三证
}
#: Days from which a document's numbers hold: from when it says so, and the years of its targets.
DAYS = {
    "jining_2017": {"2017-01-01", "2021-01-01"},
    "yanzhou_2020": {"2020-01-01", "2020-08-15", "2021-01-01", "2025-01-01", "2026-01-01"},
    "zaozhuang_2020": {"2020-01-01", "2022-01-01"},
    "jining_2020": {"2020-01-01", "2020-08-15", "2021-01-01", "2023-01-01", "2025-01-01"},
    "shandong_2018": {"2018-01-01", "2020-01-01", "2021-01-01"},
}
ALWAYS = "1900-01-01"


def numeric_parameters(system):
    """Parameters of the five documents that are numbers."""
    for parameter in leaves(system.parameters):
        kind = parameter.metadata["unit"]
        if parameter.name.split(".")[0] in DOCUMENTS and kind not in ("date", "reading"):
            yield parameter


def entries_of(parameter):
    cited = parameter.metadata["clause"]
    return (cited,) if isinstance(cited, str) else tuple(cited)


def test_every_number_of_a_parameter_is_one_of_its_entry(system):
    numbers = {entry["id"]: entry["numbers"].values() for entry in clauses()}
    used = {}
    for parameter in numeric_parameters(system):
        stated = parameter.metadata.get("comparison")
        known = [
            (one["value"], stated and one["comparison"]) for cited in entries_of(parameter) for one in numbers[cited]
        ]
        for at in parameter.values_list:
            ended = at.value == 0 and at is not parameter.values_list[-1]
            if parameter.name in IN_WORDS:
                assert at.value == IN_WORDS[parameter.name], (parameter.name, at.value)
            if at.value is None or ended or parameter.name in IN_WORDS:
                continue
            assert (at.value, stated) in known, (parameter.name, at.value, stated, known)
            used.setdefault(entries_of(parameter), Counter()).update(
                [at.value, (at.value, stated)] if stated else [at.value]
            )
    for cited, values in used.items():
        stated = [one for entry in cited for one in numbers[entry]]
        known = Counter([one["value"] for one in stated] + [(one["value"], one["comparison"]) for one in stated])
        assert values <= known, (cited, values - known)


def test_what_is_unstated_has_no_number_and_says_so(system):
    for parameter in numeric_parameters(system):
        assert (parameter.values_list[-1].value is None) == bool(parameter.metadata.get("unstated")), parameter.name


def test_every_target_of_the_register_is_a_parameter(system):
    values = {}
    for parameter in numeric_parameters(system):
        for cited in entries_of(parameter):
            values.setdefault(cited, set()).update(at.value for at in parameter.values_list)
    for entry in clauses():
        if entry["status"] == "target":
            for name, one in entry["numbers"].items():
                assert one["unit"] == "年" or one["value"] in values.get(entry["id"], ()), (entry["id"], name, one)


def test_numbers_start_on_the_days_of_the_document(system):
    for document in DOCUMENTS:
        parameters = leaves(find(system.parameters, document))
        found = {at.instant_str for parameter in parameters for at in parameter.values_list}
        assert found - {ALWAYS} == DAYS[document], document


def test_shandongs_plan_runs_from_its_issue_to_the_end_of_its_third_year(system):
    law = system.parameters("2018-01-01").shandong_2018
    first, years = documents()["shandong_2018"]["date"], law.targets.horizon_years
    assert law.validity.first_day == str(first)
    assert law.validity.last_day == f"{first.year + years - 1}-12-31"


#: Numbers from outside the documents, by first day, as their publishers give them.
NATIONAL = {
    # 全国银行间同业拆借中心，一年期
    "lpr.one_year": {
        "2019-08-20": 0.0425, "2019-09-20": 0.042, "2019-11-20": 0.0415, "2020-02-20": 0.0405, "2020-04-20": 0.0385,
        "2021-12-20": 0.038, "2022-01-20": 0.037, "2022-08-22": 0.0365, "2023-06-20": 0.0355, "2023-08-21": 0.0345,
        "2024-07-22": 0.0335, "2024-10-21": 0.031, "2025-05-20": 0.03,
    },
    # 增值税暂行条例（1994 年起）、财税〔2018〕32号、财政部 税务总局 海关总署公告2019年第39号
    "vat.machinery": {"1994-01-01": 0.17, "2018-05-01": 0.16, "2019-04-01": 0.13},
    # 国家统计局
    "above_designated_size.minimum_revenue": {"1998-01-01": 5e6, "2011-01-01": 2e7},
    # 工信部联企业〔2011〕300号 四（二）
    "sme.large_employees": {"2011-06-18": 1000}, "sme.large_revenue": {"2011-06-18": 4e8},
    "sme.medium_employees": {"2011-06-18": 300}, "sme.medium_revenue": {"2011-06-18": 2e7},
    "sme.small_employees": {"2011-06-18": 20}, "sme.small_revenue": {"2011-06-18": 3e6},
    "interest_days.year_360": {ALWAYS: 360}, "interest_days.year_365": {ALWAYS: 365}, "interest_days.longest_year": {ALWAYS: 366},
}  # fmt: skip


def test_numbers_from_outside_the_documents_are_those_published(system):
    found = {
        parameter.name.removeprefix("national."): {at.instant_str: at.value for at in parameter.values_list}
        for parameter in leaves(system.parameters.children["national"])
    }
    assert found == NATIONAL
