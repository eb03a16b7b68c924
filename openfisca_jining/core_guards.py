"""Eight things OpenFisca-Core 46 does not guarantee and this package relies on, put right in one place at import.

1. Parameter and test YAML is read as UTF-8 whatever the locale (Core opens it with the locale's encoding: GBK on Chinese
   Windows).
2. YAML tests compare money in float64 within half a fen (Core casts both sides to float32, where 20,000,000.00 and
   19,999,999.50 are the same number).
3. YAML tests can compare an Enum variable of one member of a group entity (Core compares the index with the name).
4. A situation says which members state a fact (Core fills the others with the default, in silence).
5. A float variable of this package that is not float64 is refused when a system or reform loads it.
6. A date that nobody states is 1970-01-01 everywhere (Core asks the local clock: west of Greenwich it is 1969-12-31, and claims
   without a date would lapse).
7. An error about what has a number for a name (a year, a project called 20210001) keeps it as a name (Core takes it for a place in a
   list and makes one of that length: a long number takes all memory).
8. A YAML case says nothing twice, nothing contradictory, and nothing that Core would drop, change or not compare (Core takes the last of two
   equal keys, evaluates text as arithmetic, compares an enterprise's variable with a project's place, and passes a case without output).
   What is refused is said in one Chinese sentence (Core says "Could not parse situation", or shows its stack).

Where Core's web API is loaded, ``web_api`` guards it, too.
"""

from __future__ import annotations

import datetime
import functools
import sys
from types import SimpleNamespace

import numpy
import pytest
import yaml
from openfisca_core.errors import situation_parsing_error
from openfisca_core.indexed_enums import EnumArray
from openfisca_core.parameters import helpers as parameter_helpers
from openfisca_core.periods import period as make_period
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.tools import assert_near as core_assert_near
from openfisca_core.tools import test_runner
from openfisca_core.variables import config as variable_config

from openfisca_jining import web_api
from openfisca_jining.entities import entities
from openfisca_jining.errors import BadSituation, JiningError
from openfisca_jining.situations import check_case

HALF_A_FEN = 0.005
#: A case nests six levels at most.
DEEPEST_CASE = 20
_core_put_at = situation_parsing_error.dpath.new
_utf8_open = functools.partial(open, encoding="utf-8")
_core_check_variable = test_runner.YamlItem.check_variable
_core_add_variable_value = SimulationBuilder.add_variable_value
_core_finalize_variables_init = SimulationBuilder.finalize_variables_init
_core_load_variable = TaxBenefitSystem.load_variable
_core_collect, _core_run = test_runner.YamlFile.collect, test_runner.YamlItem.runtest
_core_failure = test_runner.YamlItem.repr_failure


def assert_near_in_float64(
    value, target_value, absolute_error_margin=None, message="", relative_error_margin=None
) -> None:
    """Compare like Core's ``assert_near``, but float64 values in float64, by default within half a fen.

    :param value: computed array or scalar. :param target_value: expected value(s) of the YAML case.
    :raises AssertionError: they differ by more than the margin.
    """
    array = numpy.asarray(value)
    if array.dtype != numpy.float64 or isinstance(target_value, str):
        core_assert_near(value, target_value, absolute_error_margin, message, relative_error_margin)
        return
    expected = numpy.asarray(target_value, dtype=numpy.float64)
    margin = HALF_A_FEN if absolute_error_margin is None else absolute_error_margin
    if relative_error_margin is not None:
        margin = numpy.abs(relative_error_margin * expected)
    difference = numpy.abs(array - expected)
    assert (difference < margin).all() or (difference == 0).all(), (
        f"{message}{array} differs from {expected} by {difference} (margin {margin})"
    )


def load_variable_in_double_precision(self, variable_class, update=False):
    """Core's ``load_variable``, refusing float variables of this package's entities that are not float64.

    :raises ValueError: single precision would move legal thresholds (19,999,999 becomes 20,000,000).
    """
    previous = self.variables.get(variable_class.__name__)
    variable = _core_load_variable(self, variable_class, update)
    ours = {entity.key for entity in entities}
    if variable.value_type is float and variable.entity.key in ours and variable.dtype != numpy.float64:
        if previous is None:
            del self.variables[variable.name]
        else:
            self.variables[variable.name] = previous
        raise ValueError(
            f"变量 {variable.name} 是单精度（{numpy.dtype(variable.dtype)}），会改变法定门槛的判断。"
            "请改用 openfisca_jining.model 的 Money、Amount 或 Fact 作为基类。"
        )
    return variable


def check_variable_by_slice(self, variable_name, expected_value, period, entity_index=None):
    """Core's ``check_variable``, keeping the Enum type of a single value (Core indexes it away)."""
    if isinstance(expected_value, dict) or entity_index is None or self.should_ignore_variable(variable_name):
        return _core_check_variable(self, variable_name, expected_value, period, entity_index)
    value = self.simulation.calculate(variable_name, period)
    if not isinstance(value, EnumArray):
        return _core_check_variable(self, variable_name, expected_value, period, entity_index)
    return core_assert_near(
        value[entity_index : entity_index + 1], expected_value, message=f"{variable_name}@{period}: "
    )


def add_variable_value_and_mark(self, entity, variable, instance_index, instance_id, period_str, value) -> None:
    """Core's ``add_variable_value``, remembering which members state the variable for the period."""
    _core_add_variable_value(self, entity, variable, instance_index, instance_id, period_str, value)
    if value is not None:
        marks = self.__dict__.setdefault("marked_members", {})
        marks.setdefault(variable.name, {}).setdefault(str(make_period(period_str)), set()).add(instance_index)


def finalize_variables_init_with_marks(self, population) -> None:
    """Core's ``finalize_variables_init``, handing each holder the rows that state it (see ``variable_types.set_fact``)."""
    count = self.entity_counts.get(population.entity.plural)
    for name, periods in self.__dict__.get("marked_members", {}).items():
        variable = population.entity.get_variable(name)
        if variable is None or variable.entity.key != population.entity.key or count is None:
            continue
        for period, members in periods.items():
            size = len(self.input_buffer[name][period])
            rows = numpy.isin(numpy.arange(size), list(members))
            marks = population.get_holder(name).__dict__.setdefault("marked_rows", {})
            marks[period] = numpy.tile(rows, count // size)
    _core_finalize_variables_init(self, population)


def put_at_names(error: dict, path: str, message: str) -> dict:
    """Put a message where ``path`` says, every part of which is a name. :param path: parts with slashes between. :returns: ``error``."""

    def name_what_follows(current, parts, place, hints=()) -> None:
        current[parts[place]] = {}

    return _core_put_at(error, path, message, creator=name_what_follows)


class CaseLoader(yaml.CSafeLoader):
    """YAML of cases: no objects of Python, and no key twice."""

    def construct_mapping(self, node, deep=False):
        """A mapping. :raises ConstructorError: a key stands there twice."""
        seen = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value in seen:
                raise yaml.constructor.ConstructorError(
                    problem=f"「{key.value}」写了两次，后一个会盖住前一个", problem_mark=key.start_mark
                )
            seen.add(getattr(key, "value", None) if isinstance(key, yaml.ScalarNode) else id(key))
        return super().construct_mapping(node, deep=deep)


def refusing(construct, what: str):
    """A constructor of YAML that says in which line a value cannot be. :param what: it is not. :raises BadSituation: there."""

    def refuse(loader, node):
        try:
            return construct(loader, node)
        except (ValueError, KeyError, AttributeError):  # 后两种：标签写明了种类，内容却不是
            where, text = f"第 {node.start_mark.line + 1} 行", node.value[:60]
            raise BadSituation([], f"{where}的「{text}」不是{what}。请核对，要写成文字请加引号。") from None

    return refuse


def decimal_integer(loader, node) -> int:
    """A whole number as written. YAML 1.1 takes 010 for eight and 1:30 for ninety. :raises ValueError: it has more than digits."""
    return int(loader.construct_scalar(node))


for tag, construct, what in (
    ("timestamp", CaseLoader.construct_yaml_timestamp, "日期（没有这一天或这一刻）"),
    ("int", decimal_integer, "整数"),
    ("float", CaseLoader.construct_yaml_float, "数"),
    ("bool", CaseLoader.construct_yaml_bool, " true 或 false"),
):
    CaseLoader.add_constructor(f"tag:yaml.org,2002:{tag}", refusing(construct, what))


def read_cases(path) -> list:
    """The cases of a file. :raises yaml.YAMLError, UnicodeDecodeError: it is no YAML, holds itself, or nests too deep (libyaml would crash)."""
    with _utf8_open(path) as file:
        text = file.read()
    opened = []
    for event in yaml.parse(text, Loader=CaseLoader):
        if isinstance(event, yaml.CollectionStartEvent):
            opened.append(event.anchor)
        elif isinstance(event, yaml.CollectionEndEvent):
            opened.pop()
        elif isinstance(event, yaml.AliasEvent) and event.anchor in opened:
            raise yaml.MarkedYAMLError(
                problem=f"「*{event.anchor}」指向它自己所在的内容",
                problem_mark=event.start_mark,  # type: ignore[arg-type]
            )
        if len(opened) > DEEPEST_CASE:
            raise yaml.MarkedYAMLError(problem=f"嵌套超过 {DEEPEST_CASE} 层", problem_mark=event.start_mark)  # type: ignore[arg-type]
    tree = yaml.load(text, Loader=CaseLoader)
    return tree if isinstance(tree, list) else [tree]


def is_ours(system) -> bool:
    """Whether a system has this package's entities."""
    return {entity.key for entity in system.entities} == {entity.key for entity in entities}


def collect_cases(self):
    """Core's ``collect``, with an id for each case and what is wrong with a file in one Chinese sentence. :raises CollectError: it is no list of cases."""
    if not is_ours(self.tax_benefit_system):
        yield from _core_collect(self)
        return
    try:
        cases = list(enumerate(read_cases(self.path), 1))
        for number, case in cases:
            check_keys(number, case)
        yield from (numbered(self, number, case) for number, case in cases if not self.should_ignore(case))
    except UnicodeDecodeError:
        raise pytest.Collector.CollectError(f"用例文件 {self.path}：不是 UTF-8 文字，请另存为 UTF-8。") from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = f"第 {mark.line + 1} 行" if mark else f"第 {getattr(error, 'position', 0) + 1} 个字符"
        raise pytest.Collector.CollectError(
            f"用例文件 {self.path}，{place}：YAML 写法不对，请检查缩进、冒号和引号。（{getattr(error, 'problem', None) or error}）"
        ) from None
    except BadSituation as error:
        raise pytest.Collector.CollectError(f"用例文件 {self.path}：{error.message}") from None


def numbered(file, number: int, case: dict):
    """A case whose id is its place in the file, found by its name, too. Core gives all cases of a file one id, and pytest-xdist runs one id once."""
    item = test_runner.YamlItem.from_parent(
        file,
        name=str(number),
        baseline_tax_benefit_system=file.tax_benefit_system,
        test=case,
        options=file.options,
    )
    item.extra_keyword_matches.add(str(case.get("name", "")))
    return item


def check_keys(number: int, case) -> None:
    """Refuse a case with keys that are none. :raises BadSituation: names the case, the key and what may be written."""
    # 「parameters」在 Core 里会换掉全部参数；改参数用 reforms
    known = [key for key in test_runner.Test.__dataclass_fields__ if key not in ("extensions", "parameters")]
    if not isinstance(case, dict):
        raise BadSituation(
            [], f"第 {number} 个用例应为「键: 值」，这里是 {str(case)[:60]!r}。可以写的键：{'、'.join(known)}。"
        )
    name = case.get("name", f"第 {number} 个")
    for key in case:
        if key not in [*known, "extensions"]:
            raise BadSituation([], f"用例「{name}」里没有「{key}」这个键。可以写的键：{'、'.join(known)}。")
    for key in ("period", "input", "output"):
        if case.get(key) is None:
            raise BadSituation([], f"用例「{name}」没有写 {key}，请补上。")
    reforms = case.get("reforms", [])
    if not all(isinstance(one, str) for one in (reforms if isinstance(reforms, list) else [reforms])):
        raise BadSituation([], f"用例「{name}」的 reforms 应为改革名的列表，这里是 {reforms!r}。")


def run_checked_case(self) -> None:
    """Core's ``runtest`` of a case, after a look at what it says. :raises BadSituation: see :func:`situations.check_case`."""
    if is_ours(self.baseline_tax_benefit_system):
        from openfisca_jining.case_reforms import law_of  # 改革要等本包装好

        case = self.test
        check_case(law_of(self.baseline_tax_benefit_system, case), case.period, case.input, case.output)
    _core_run(self)


def said_of_case(self, failure) -> str:
    """Core's ``repr_failure``; of what this package refuses, one sentence with file, case and place."""
    error = failure.value
    if not isinstance(error, JiningError):
        return _core_failure(self, failure)
    name = self.test.name or f"第 {self.nodeid.rpartition('::')[2]} 个"
    return f"用例文件 {self.path}，用例「{name}」，{'/'.join(error.steps)}：{error.message}"


def install() -> None:
    """Put the guards in place. Idempotent."""
    situation_parsing_error.dpath = SimpleNamespace(new=put_at_names)
    for module in (parameter_helpers, test_runner):
        module.open = _utf8_open
    test_runner.assert_near = assert_near_in_float64
    test_runner.YamlItem.check_variable = check_variable_by_slice
    test_runner.YamlFile.collect = collect_cases
    test_runner.YamlItem.runtest = run_checked_case
    test_runner.YamlItem.repr_failure = said_of_case
    SimulationBuilder.add_variable_value = add_variable_value_and_mark
    SimulationBuilder.finalize_variables_init = finalize_variables_init_with_marks
    TaxBenefitSystem.load_variable = load_variable_in_double_precision
    variable_config.VALUE_TYPES[datetime.date]["default"] = datetime.date(1970, 1, 1)
    if "openfisca_web_api.app" in sys.modules:  # openfisca serve 先装它，再装本包
        web_api.install()
