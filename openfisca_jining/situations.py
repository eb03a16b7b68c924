"""What a situation may say: a request to the web API, or a case of ``openfisca test``. Whatever Core would fail on, drop or change is refused.

A situation comes from outside as JSON or YAML. Core answers 500 to some of what may stand there and takes the rest as it comes: the last of
two equal keys, fractions of a fen, a sum in quotes, a project that no enterprise lists, facts of a year nobody asks for. Nothing of
that may decide an amount, so it is refused here, with the path, the value and what to write.
"""

from __future__ import annotations

import datetime
import difflib
import json
import math
import unicodedata
from collections import Counter
from collections.abc import Iterable
from decimal import Decimal, InvalidOperation
from typing import Any

from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining.errors import BadSituation
from openfisca_jining.money import LARGEST, SLACK_IN_SPACINGS
from openfisca_jining.variable_types import Fact

WHAT = {float: "数", int: "整数", bool: "true 或 false", datetime.date: "日期 YYYY-MM-DD", Enum: "取值名"}
FIRST_YEAR, LAST_YEAR = 1900, 2199
#: 1970-01-01 is how Core stores a date that nobody states.
UNSTATED_DATE = "1970-01-01"
#: Dates that decide whether a document takes the claim. In another year it would bring nothing.
CLAIM_DATES = ("application_date", "city_application_date")
EQUIPMENT, ALL_EQUIPMENT = "equipment_investment", "cumulative_equipment_investment"
#: Facts that are parts, beside each other, of another one (their descriptions say so); of the largest, where several are named.
PARTS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("robot_investment", "special_robot_investment"), (EQUIPMENT,)),
    ((EQUIPMENT,), (ALL_EQUIPMENT,)),
    (("equipment_in_use",), (EQUIPMENT, ALL_EQUIPMENT)),
    (("cumulative_equipment_in_use",), (EQUIPMENT, ALL_EQUIPMENT)),
    (("equipment_in_use",), ("cumulative_equipment_in_use",)),
    (("cumulative_nonproductive_equipment",), (EQUIPMENT, ALL_EQUIPMENT)),
    (("nonproductive_equipment",), ("cumulative_nonproductive_equipment",)),
    (("robot_at_post_investment",), ("robot_investment",)),
    (("special_robot_off_post_investment",), ("special_robot_investment",)),
)
#: Core looks projects up one by one, so time grows with the square: ten thousand take half a minute and more. More belong in a table.
MOST_PROJECTS = 10_000
LONGEST_ID, SHOWN = 200, 57
#: Longer whole numbers are kept as decimals, which Python reads in any length.
LONG_INTEGER = 18


class Doubled(dict):
    """An object in which keys are written twice. :ivar keys_twice: those keys."""

    keys_twice: list[str]


def pairs(found: list[tuple[str, Any]]) -> dict:
    """An object of JSON or YAML. :returns: a :class:`Doubled` if a key stands there twice."""
    made = dict(found)
    if len(made) == len(found):
        return made
    doubled, counts = Doubled(made), Counter(key for key, _ in found)
    doubled.keys_twice = [key for key in made if counts[key] > 1]
    return doubled


def exact_json(text: str | bytes) -> Any:
    """JSON with numbers as written: ``Decimal`` where there is a point, an exponent or many digits. :raises ValueError: no JSON."""
    return json.loads(text, parse_float=_decimal, parse_int=_integer, object_pairs_hook=pairs)


def _decimal(text: str) -> Decimal | float:
    try:
        return Decimal(text)
    except InvalidOperation:  # 指数有二十位
        return float("inf") if "e-" not in text.lower() else Decimal("1e-999999")


def _integer(text: str) -> int | Decimal:
    return int(text) if len(text) <= LONG_INTEGER else Decimal(text)


def plain(tree: Any) -> Any:
    """A checked situation as Core takes it: ``float`` for ``Decimal``."""
    if isinstance(tree, dict):
        return {key: plain(value) for key, value in tree.items()}
    if isinstance(tree, list):
        return [plain(value) for value in tree]
    return float(tree) if isinstance(tree, Decimal) else tree


# ----- a request to the web API -----


def check_situation(system: TaxBenefitSystem, situation: Any) -> None:
    """Refuse a request that Core would fail on, misread, or answer only in part.

    :param system: the law that answers. :param situation: the decoded JSON body (:func:`exact_json`).
    :raises BadSituation: with the path in the request, what is wrong, and what to write; code 404 if a variable does not exist.
    """
    _check_entities(system, situation, None)
    asked: dict[str, dict[str, set[str]]] = {}
    stated: dict[str, dict[str, set[str]]] = {}
    for entity in system.entities:
        for name, facts in situation.get(entity.plural, {}).items():
            for variable, values in _variables(entity, facts).items():
                for year, value in values.items():
                    path = [entity.plural, name, variable, year]
                    if value is not None and not isinstance(system.variables[variable], Fact):
                        raise BadSituation(
                            path,
                            f"{_named(system.variables[variable])}是算出来的，不能填 {_shown(value)}。"
                            "要算它请写 null；要改它的算法请用改革或读法启动接口。",
                        )
                    years = asked if value is None else stated
                    years.setdefault(entity.plural, {}).setdefault(name, set()).add(year)
    plural = system.person_entity.plural
    for name, facts in situation[plural].items():
        _check_claim_dates(system, [plural, name], facts)
        _check_together(system, facts, [plural, name])
    _check_years(system, situation, asked, stated)


def _check_claim_dates(system, path: list[str], facts: dict) -> None:
    """Refuse dates that are not of the year they stand under."""
    for variable in CLAIM_DATES:
        for year, value in facts.get(variable, {}).items():
            if value is not None and str(value)[:4] != year:
                raise BadSituation(
                    [*path, variable, year],
                    f"{_named(system.variables[variable])}填的是 {_shown(value)}，不在申报年度 {year} 年之内，不会得到任何奖补。"
                    "请核对日期或年度。",
                )


def _check_years(system, situation: dict, asked: dict, stated: dict) -> None:
    """Refuse a question about a year of which a project, or a group's projects, state nothing, while they do of another."""
    projects = system.person_entity.plural
    for plural, members in asked.items():
        for name, years in members.items():
            concerned = [name] if plural == projects else _members(situation[plural][name])
            said = set().union(*(stated.get(projects, {}).get(one, set()) for one in concerned))
            for year in sorted(years - said if said else ()):
                raise BadSituation(
                    [plural, name],
                    f"问的是 {year} 年，而{'项目' if plural == projects else '所列项目'}填的都是 {'、'.join(sorted(said))} 年的事实，"
                    f"{year} 年一项也没有，算出来会是 0。请把事实写在 {year} 年之下，或者改问填了的年度。",
                )


# ----- a case of openfisca test -----


def check_case(system: TaxBenefitSystem, period: Any, given: Any, output: Any) -> None:
    """Refuse a case that Core would misread or check only in part. :param given: its ``input``.

    :raises BadSituation: with the path in the case, what is wrong, and what to write.
    """
    year = str(period)
    _check_year(["period"], year)
    if not isinstance(given, dict) or not given:
        raise BadSituation(["input"], "input 应为「变量: 值」，或 projects、enterprises 等分组，不能是空的。")
    _refuse_doubled(["input"], given)
    plural = {entity.plural: entity for entity in system.entities}
    singular = {entity.key: entity for entity in system.entities}
    kinds = {"分组" if key in plural or key in singular else "变量" for key in given}
    if len(kinds) > 1:
        odd = next(key for key in given if key not in plural and key not in singular)
        raise BadSituation(
            ["input", str(odd)],
            f"分组（{'、'.join(plural)}）和变量不能并列，「{odd}」会被丢掉。请写进它所属的分组，或者全部用短写法。",
        )
    if kinds == {"变量"}:
        count = _check_short_form(system, given, year)
        everyone = {one: [str(number) for number in range(count)] for one in plural}
    else:
        both = [key for key in given if key in singular and singular[key].plural in given]
        if both:
            raise BadSituation(["input", both[0]], f"「{both[0]}」与「{singular[both[0]].plural}」只能写一个。")
        full = {
            singular[key].plural if key in singular else key: _one(key, singular, facts) for key, facts in given.items()
        }
        _check_entities(system, full, year)
        for name, facts in full[system.person_entity.plural].items():
            dated = {variable: _dated(values, year) for variable, values in facts.items()}
            _check_together(system, dated, [system.person_entity.plural, name])
        everyone = {one: list(full.get(one, {})) for one in plural}
    _check_expected(system, output, year, everyone)


def _one(key: str, singular: dict, facts: Any) -> Any:
    return {key: facts} if key in singular else facts


def _dated(values: Any, year: str) -> dict:
    """Values by year. :param year: of a value without one."""
    return {str(one): value for one, value in values.items()} if isinstance(values, dict) else {year: values}


def _check_short_form(system, given: dict, year: str) -> int:
    """Variables with a value, or with one for each project. :returns: the number of projects."""
    lengths: dict[int, str] = {}
    for name, values in given.items():
        variable = system.variables.get(name) or _no_variable(system, ["input", str(name)], name)
        _refuse_empty(["input", name], values if isinstance(values, dict) else {year: values})
        for one, value in _dated(values, year).items():
            path, listed = ["input", name, one], isinstance(value, list)
            _check_year(path, one)
            for number, single in enumerate(value if listed else [value]):
                _check_value(variable, [*path, str(number)] if listed else path, single)
            if not listed:  # 数组里没有日期的项目只能写这一天
                _refuse_unstated_date(variable, path, value)
            lengths.setdefault(len(value) if listed else 1, name)
    if len(lengths) > 1 or 0 in lengths:
        said = "，".join(f"「{name}」有 {length} 个值" for length, name in lengths.items())
        raise BadSituation(
            ["input", *lengths.values()][:2], f"几个项目写成数组，每个变量的值要一样多：{said}。请补齐。"
        )
    (count,) = lengths
    for number in range(count):
        facts = {
            name: {
                one: value[number] if isinstance(value, list) else value for one, value in _dated(values, year).items()
            }
            for name, values in given.items()
        }
        _check_together(system, facts, ["input"], [str(number)] if count > 1 else [])
    return count


def _check_expected(system, output: Any, year: str, everyone: dict[str, list[str]]) -> None:
    """Refuse an ``output`` of which something would not be compared, or with another row."""
    if not isinstance(output, dict) or not output:
        raise BadSituation(["output"], "output 是空的，什么也没有检查。请写「变量: 应有的值」。")
    _refuse_doubled(["output"], output)
    groups = {entity.plural: entity for entity in system.entities} | {entity.key: entity for entity in system.entities}
    for key, values in output.items():
        if key not in groups:
            _check_expectation(system, None, ["output", str(key)], key, values, year)
            continue
        entity = groups[key]
        _refuse_empty(["output", key], values)
        for name, expected in values.items() if key == entity.plural else [(None, values)]:
            path = ["output", key, *([] if name is None else [str(name)])]
            if name is not None and name not in everyone[entity.plural] and everyone[entity.plural]:
                raise BadSituation(
                    path,
                    f"input 里没有{entity.label}「{name}」。写了的是：{_listed(everyone[entity.plural])}。请核对。",
                )
            _refuse_empty(path, expected)
            for variable, value in expected.items():
                _check_expectation(system, entity, [*path, str(variable)], variable, value, year)


def _check_expectation(system, entity, path: list[str], name: Any, values: Any, year: str) -> None:
    variable = system.variables.get(name) or _no_variable(system, path, name)
    _of_entity(system, entity or variable.entity, path, variable)
    dated = values if isinstance(values, dict) else {year: values}
    _refuse_empty(path, dated)
    for one, value in dated.items():
        _check_year([*path, str(one)], str(one))
        for single in value if isinstance(value, list) and value else [value]:
            _check_kind(variable, path, single)


# ----- parts of both -----


def _check_entities(system, situation: Any, year: str | None) -> None:
    """Entities, their facts and members. :param year: of values without one; None = every value has its year."""
    if not isinstance(situation, dict):
        raise BadSituation([], '请求正文应为一个对象，如 {"projects": {…}, "enterprises": {…}}。')
    _refuse_doubled([], situation)
    entities = {entity.plural: entity for entity in system.entities}
    for plural, members in situation.items():
        if plural not in entities:
            raise BadSituation([_cut(plural)], f"没有「{_cut(plural)}」。可以写的是：{'、'.join(entities)}。")
        if not isinstance(members, dict):
            raise BadSituation([plural], f"{plural} 应为一个对象：编号在前，事实在后。这里是 {_shown(members)}。")
        _refuse_doubled([plural], members)
        for name, facts in members.items():
            _check_id(plural, name)
            if not isinstance(facts, dict):
                raise BadSituation(
                    [plural, name], f"「{name}」应为一个对象：变量在前，各年取值在后。这里是 {_shown(facts)}。"
                )
            _refuse_doubled([plural, name], facts)
            _check_facts(system, entities[plural], [plural, name], facts, year)
    projects = situation.get(system.person_entity.plural)
    if not projects:
        raise BadSituation(
            [system.person_entity.plural], '没有任何项目。请写 "projects": {"项目编号": {"变量": {"2021": 值}}}。'
        )
    if len(projects) > MOST_PROJECTS:
        raise BadSituation(
            [system.person_entity.plural],
            f"有 {len(projects):,} 个项目，一次至多 {MOST_PROJECTS:,} 个。大批申报请用 openfisca-jining budget 或 Python。",
        )
    for entity in system.group_entities:
        if entity.plural in situation:
            _check_groups(entity, situation[entity.plural], projects)


def _refuse_doubled(path: list[str], tree: Any) -> None:
    if isinstance(tree, Doubled):
        key = _cut(str(tree.keys_twice[0]))
        raise BadSituation([*path, key], f"「{key}」写了两次，后一个会盖住前一个。请只写一次。")


def _refuse_empty(path: list[str], tree: Any) -> None:
    if not isinstance(tree, dict):
        raise BadSituation(path, f"「{path[-1]}」之下应为「名称: 值」，这里是 {_shown(tree)}。")
    _refuse_doubled(path, tree)
    if not tree:
        raise BadSituation(path, f"「{path[-1]}」之下是空的。请填写，或者删去它。")


def unwritable(text: str) -> str:
    """The first character that no text can hold or show (half a character, a control character), as ``U+D800``; empty if none."""
    bad = next((one for one in text if unicodedata.category(one) in ("Cs", "Cc")), "")
    return f"U+{ord(bad):04X}" if bad else ""


def _check_id(plural: str, name: Any) -> None:
    if not isinstance(name, str):
        raise BadSituation([plural, str(name)], f"编号 {name} 是数字。请加引号，写成文字，如 '{name}'。")
    if bad := unwritable(name):
        raise BadSituation([plural], f"编号「{_cut(name)}」含有不能显示的字符 {bad}。请改用普通文字、字母或数字。")
    if not name.strip():
        raise BadSituation([plural, name], "编号不能为空。")
    if "/" in name:
        raise BadSituation([plural, name], f"编号「{name}」不能含有斜杠，请换成别的符号。")
    if len(name) > LONGEST_ID:
        raise BadSituation([plural, _cut(name)], f"编号有 {len(name):,} 个字，至多 {LONGEST_ID} 个。请写短一些。")


def _member_keys(entity) -> set[str]:
    return set() if entity.is_person else {role.plural or role.key for role in entity.roles}


def _variables(entity, facts: dict) -> dict:
    return {name: values for name, values in facts.items() if name not in _member_keys(entity)}


def _members(facts: dict) -> list[str]:
    members = facts.get("projects", [])
    return [members] if isinstance(members, str) else members


def _check_facts(system, entity, path: list[str], facts: dict, year: str | None) -> None:
    for name, values in _variables(entity, facts).items():
        place = [*path, _cut(str(name))]
        variable = system.variables.get(name) or _no_variable(system, place, name, entity)
        _of_entity(system, entity, place, variable)
        if not isinstance(values, dict):
            if year is None:
                raise BadSituation(place, f'「{name}」要按年填写，请写成 {{"2021": …}}。这里是 {_shown(values)}。')
            values = {year: values}
        _refuse_empty(place, values)
        for one, value in values.items():
            _check_year([*place, _cut(str(one))], str(one))
            if value is not None or year is not None:
                _check_value(variable, [*place, str(one)], value)
                _refuse_unstated_date(variable, [*place, str(one)], value)


def _refuse_unstated_date(variable, path: list[str], value: Any) -> None:
    if str(value) == UNSTATED_DATE:
        raise BadSituation(
            path, f"{_named(variable)}填的是 {value}，这一天在程序里表示没有填。请核对，没有日期就删去这一项。"
        )


def _check_together(system, facts: dict[str, dict], before: list[str], after: Iterable[str] = ()) -> None:
    """Refuse facts of one project and year that contradict each other. :param facts: values by year; ``None`` states nothing.

    :param before, after: what stands around variable and year in a path.
    """
    by_year: dict[str, dict] = {}
    for name, values in facts.items():
        for year, value in values.items():
            if value is not None:
                by_year.setdefault(year, {})[name] = value
    for year, said in by_year.items():
        for name, message in _contradictions(system, said):
            raise BadSituation([*before, name, year, *after], message)


def _contradictions(system, said: dict) -> Iterable[tuple[str, str]]:
    """Facts of one project and year that cannot be, with what is wrong with them."""

    def shown(name: str, between: str = "填的是 ") -> str:
        return f"{_named(system.variables[name])}{between}{_shown(said[name])}"

    of = ("cumulative_", "") if said.get("project_type") == "zero_land" else ("",)
    counted = [f"{one}{EQUIPMENT}" for one in of]
    for parts, wholes in (*PARTS, (("nonproductive_equipment",), counted)):
        stated, whole = [one for one in parts if said.get(one)], _largest(said, wholes)
        total = sum(_fen(said[one]) for one in stated)
        if whole and total > _fen(said[whole]):
            larger = "大于它所属的" if len(stated) == 1 else f"合计 {Decimal(total) / 100}，大于它们所属的"
            yield stated[0], f"{'，'.join(map(shown, stated))}，{larger}{shown(whole, ' ')}。请核对。"
    whole = _largest(said, counted)
    used, other = (
        next((f"{one}{name}" for one in of if f"{one}{name}" in said), None)
        for name in ("equipment_in_use", "nonproductive_equipment")
    )
    if said.get("in_use") is not True or not (whole and used):
        return
    if _fen(said[used]) < _fen(said[whole]) - (_fen(said[other]) if other else 0):
        without = f"减去{shown(other, ' ')}" if other else ""
        wrong = f"{shown('in_use')}，指生产性设备全部投入使用，而{shown(used)}，小于{shown(whole, ' ')}{without}"
        of_all = "零土地项目看全部年度，请另填 cumulative_equipment_in_use。" if not used.startswith(of[0]) else ""
        yield used, f"{wrong}。请核对，只有一部分投入使用的填 false。{of_all}"


def _largest(said: dict, names: Iterable[str]) -> str | None:
    return max((one for one in names if one in said), key=said.__getitem__, default=None)


def _fen(amount: float | Decimal) -> int:
    """Yuan in fen, without the float error of a sum of invoices."""
    return round(Decimal(str(amount)) * 100)


def _no_variable(system, path: list[str], name: Any, entity=None):
    """:raises BadSituation: code 404, with what may have been meant."""
    where = "" if entity is None or entity.is_person else "成员写在 projects 之下。"
    near = _nearest(system, str(name)[:100])
    meant = f"是不是要写 {'、'.join(near)}？" if near else "变量名见 /variables。"
    error = BadSituation(path, f"没有「{_cut(str(name))}」这个变量。{where}{meant}")
    error.code = 404
    raise error


def _nearest(system, name: str) -> list[str]:
    """The variable of that label, or facts that begin with this word (what is invested first), or the variable most alike."""
    labelled = [key for key, one in system.variables.items() if one.label == name]
    if labelled:
        return sorted(labelled, key=lambda key: isinstance(system.variables[key], Fact))[-1:]
    begun = [key for key, one in system.variables.items() if isinstance(one, Fact) and key.startswith(f"{name}_")]
    begun.sort(key=lambda key: (not key.endswith("_investment"), len(key)))
    return begun[:3] or difflib.get_close_matches(name, system.variables, 1, 0.75)


def _of_entity(system, entity, path: list[str], variable) -> None:
    if variable.entity.key != entity.key:
        raise BadSituation(
            path, f"{_named(variable)}属于{variable.entity.label}，请写在 {variable.entity.plural} 之下。"
        )


def _check_year(path: list[str], period: str) -> None:
    year = period if period.isascii() and period.isdigit() and len(period) == 4 else ""
    if not (year and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise BadSituation(
            path,
            f"「{_cut(period)}」不是一个申报年度。所有变量按年填写，请把年度写成四位数字，如 2021（{FIRST_YEAR} 至 {LAST_YEAR}）。",
        )


def _check_kind(variable, path: list[str], value: Any) -> None:
    """Whether a value is of the variable's kind."""
    kind = variable.value_type
    good = {
        float: lambda: isinstance(value, (int, float, Decimal)) and not isinstance(value, bool),
        int: lambda: isinstance(value, int) and not isinstance(value, bool),
        bool: lambda: isinstance(value, bool),
        datetime.date: lambda: _is_date(value),
        Enum: lambda: isinstance(value, str) and value in variable.possible_values.__members__,
    }.get(kind, lambda: isinstance(value, str))()
    if good:
        return
    expected = WHAT.get(kind, "文字")
    if kind is Enum:
        expected = f"取值名之一：{_listed(list(variable.possible_values.__members__))}"
    advice = "数字不要加引号，不要用全角。" if kind in (float, int) else ""
    raise BadSituation(path, f"{_named(variable)}应填{expected}，填的是 {_shown(value)}。{advice}")


def _check_value(variable, path: list[str], value: Any) -> None:
    """Whether a fact's value is of its kind, possible, and one that Core keeps as it is."""
    if variable.value_type is int and isinstance(value, Decimal) and not _places(value):
        value = int(value) if abs(value) <= LARGEST else LARGEST + 1
    _check_kind(variable, path, value)
    what = f"{_named(variable)}填的是 {_shown(value)}，"
    if variable.value_type is datetime.date:
        day = value if isinstance(value, datetime.date) else datetime.date.fromisoformat(value)
        if not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise BadSituation(path, f"{what}年份不在 {FIRST_YEAR} 至 {LAST_YEAR} 之间。请核对。")
    if variable.value_type not in (float, int):
        return
    if not abs(value) <= LARGEST:  # 也拦住 NaN
        raise BadSituation(path, f"{what}不是有限的数，或者大得无法精确到分。请核对。")
    if value < 0 and isinstance(variable, Fact):
        raise BadSituation(path, f"{what}不能为负数。请核对。")
    if variable.value_type is float and not isinstance(value, int):
        exact = value if isinstance(value, Decimal) else Decimal(repr(value))
        if variable.unit == "元" and _places(exact) > 2 and not _noisy(exact):
            raise BadSituation(path, f"{what}精确到了分以下。金额的单位是元，至多两位小数。")
        if variable.unit != "元" and exact != Decimal(repr(float(exact))):
            raise BadSituation(path, f"{what}位数太多，存不下。请写短一些，至多 15 位有效数字。")


def _noisy(amount: Decimal) -> bool:
    """Whether an amount is on a fen but for the float error of a sum of invoices. Money is settled to the fen when it enters."""
    fen = amount.quantize(Decimal("0.01"))
    return bool(fen) and abs(amount - fen) <= SLACK_IN_SPACINGS * Decimal(math.ulp(float(fen)))


def _places(number: Decimal) -> int:
    """Decimals that are not 0."""
    exponent = number.as_tuple().exponent
    if not number or not isinstance(exponent, int):
        return 0
    digits = "".join(map(str, number.as_tuple().digits))
    return max(-exponent - (len(digits) - len(digits.rstrip("0"))), 0)


def _is_date(value: Any) -> bool:
    if isinstance(value, datetime.date):
        return not isinstance(value, datetime.datetime)
    if not isinstance(value, str) or len(value) != len("2021-01-01") or not value.isascii():
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return value[4] == value[7] == "-"


def _check_groups(entity, groups: dict, projects: dict) -> None:
    """Members: known, each once, and for an enterprise all of them."""
    place: dict[str, str] = {}
    (key,) = _member_keys(entity)
    for name, facts in groups.items():
        path = [entity.plural, name, key]
        members = facts.get(key)
        if not (members is None or isinstance(members, str)) and not (
            isinstance(members, list) and all(isinstance(one, str) for one in members)
        ):
            raise BadSituation(path, f"成员应为项目编号的列表，这里是 {_shown(members)}。")
        if not members:
            raise BadSituation(path[:2], f'「{name}」没有列出任何项目。请写 "projects": ["项目编号"]，或者删去它。')
        for member in [members] if isinstance(members, str) else members:
            if member not in projects:
                raise BadSituation(
                    path, f"没有项目「{_cut(member)}」，projects 里写了的是：{_listed(list(projects))}。请核对编号。"
                )
            if member in place:
                again = "写了两次" if place[member] == name else f"已经在「{place[member]}」之下"
                raise BadSituation(path, f"项目「{member}」{again}。一个项目只能属于一个{entity.label}。")
            place[member] = name
    for project in projects:
        if project not in place and (entity.key == "enterprise" or project in groups):
            why = (
                "没有列在任何企业之下，企业的事实就对它不起作用"
                if entity.key == "enterprise"
                else f"与{entity.label}「{project}」同名而不是它的成员，会被算进去"
            )
            raise BadSituation(
                [entity.plural], f"项目「{project}」{why}。请写进所属{entity.label}的 projects，或者改名。"
            )


def _named(variable) -> str:
    return f"{variable.label}（{variable.name}）"


def _shown(value: Any) -> str:
    if value is None or isinstance(value, bool):
        return json.dumps(value)
    return _cut(str(value) if isinstance(value, (Decimal, datetime.date)) else repr(value))


def _cut(text: Any) -> str:
    """The beginning of a text, fit to be shown."""
    text = str(text)
    short = text if len(text) <= SHOWN else f"{text[:SHOWN]}…（共 {len(text):,} 个字）"
    return "".join(f"\\u{ord(one):04x}" if unwritable(one) else one for one in short)


def _listed(names: Iterable[str]) -> str:
    names = list(names)
    return "、".join(_cut(one) for one in names[:20]) + ("等" if len(names) > 20 else "")
