"""Guards of the web API: a request that OpenFisca-Core would answer with an error of its own (500) or misread gets a Chinese 400.

Core answers 500 to a request without ``Content-Type: application/json``, to empty or slashed ids, to a list in the place of a value, to a
group without members and to periods other than a year; and it takes full-width digits, ``true`` for an amount, or any sign, as
they come. ``install`` puts the checks in front of Core's handlers without touching its code.
"""

from __future__ import annotations

import datetime
import functools
from typing import Any

from openfisca_core.errors import SituationParsingError
from openfisca_core.indexed_enums import Enum
from openfisca_core.taxbenefitsystems import TaxBenefitSystem

from openfisca_jining.errors import BadSituation
from openfisca_jining.money import LARGEST

#: Longest request taken, bytes. 10,000 projects are about 1.3 MB; more belongs in Python or a table.
LARGEST_REQUEST = 8_000_000
NOT_JSON = "请求的格式应为 JSON：请在请求头写明 Content-Type: application/json，正文为一个 JSON 对象。"
WHAT = {float: "数", int: "整数", bool: "true 或 false", str: "文字", datetime.date: "日期 YYYY-MM-DD", Enum: "取值名"}
FIRST_YEAR, LAST_YEAR = 1900, 2199
INT32 = 2**31


def check_situation(system: TaxBenefitSystem, situation: Any) -> None:
    """Refuse a situation that Core would fail on or misread.

    :param system: the law that answers. :param situation: the decoded JSON body.
    :raises BadSituation: with the path in the request, what is wrong, and what to write.
    """
    if not isinstance(situation, dict):
        raise BadSituation([], '请求正文应为一个对象，如 {"projects": {…}, "enterprises": {…}}。')
    entities = {entity.plural: entity for entity in system.entities}
    for plural, members in situation.items():
        if plural not in entities:
            raise BadSituation([plural], f"没有「{plural}」。可以写的是：{'、'.join(entities)}。")
        if not isinstance(members, dict):
            raise BadSituation([plural], f"{plural} 应为一个对象：编号在前，事实在后。")
        for name, facts in members.items():
            _check_id([plural, name], name)
            if not isinstance(facts, dict):
                raise BadSituation([plural, name], f"「{name}」应为一个对象：变量在前，各年取值在后。")
            _check_facts(system, entities[plural], [plural, name], facts)
    _check_groups(system, situation)


def _check_id(path: list[str], name: str) -> None:
    if not name.strip():
        raise BadSituation(path, "编号不能为空。")
    if "/" in name:
        raise BadSituation(path, f"编号「{name}」不能含有斜杠，请换成别的符号。")


def _check_facts(system: TaxBenefitSystem, entity, path: list[str], facts: dict) -> None:
    roles = set() if entity.is_person else {role.plural or role.key for role in entity.roles}
    for name, values in facts.items():
        variable = system.variables.get(name)
        if name in roles or variable is None or variable.entity.key != entity.key:
            continue  # 成员名单另查；变量不存在或属于别的实体，Core 的说明已经够清楚
        if not isinstance(values, dict):
            raise BadSituation([*path, name], f'「{name}」要按年填写，如 {{"2021": …}}。')
        for period, value in values.items():
            _check_year([*path, name, period], period)
            if value is not None:
                _check_value(variable, [*path, name, period], value)


def _check_year(path: list[str], period: str) -> None:
    year = period if period.isascii() and period.isdigit() and len(period) == 4 else ""
    if not (year and FIRST_YEAR <= int(year) <= LAST_YEAR):
        raise BadSituation(
            path,
            f"「{period}」不是一个申报年度。所有变量按年填写，年度写成四位数字，如 2021（{FIRST_YEAR} 至 {LAST_YEAR}）。",
        )


def _check_value(variable, path: list[str], value: Any) -> None:
    kind = variable.value_type
    good = {
        float: lambda: isinstance(value, (int, float)) and not isinstance(value, bool),
        int: lambda: isinstance(value, int) and not isinstance(value, bool) and -INT32 <= value < INT32,
        bool: lambda: isinstance(value, bool),
        datetime.date: lambda: isinstance(value, str) and _is_date(value),
        Enum: lambda: isinstance(value, str) and value in variable.possible_values.__members__,
    }.get(kind, lambda: isinstance(value, str))()
    if good and kind is float and not abs(value) <= LARGEST:  # 也拦住 NaN
        raise BadSituation(path, f"{variable.label}（{variable.name}）不是有限的数，或者大得无法精确到分。")
    if good:
        return
    shown = repr(value) if len(repr(value)) < 60 else f"{repr(value)[:57]}…"
    expected = WHAT.get(kind, "文字")
    if kind is Enum:
        expected = f"取值名之一：{'、'.join(variable.possible_values.__members__)}"
    raise BadSituation(
        path, f"{variable.label}（{variable.name}）应填{expected}，填的是 {shown}。数字不要加引号，不要用全角。"
    )


def _is_date(value: str) -> bool:
    if len(value) != len("2021-01-01"):
        return False
    try:
        datetime.date.fromisoformat(value)
    except ValueError:
        return False
    return value.isascii()


def _check_groups(system: TaxBenefitSystem, situation: dict) -> None:
    for entity in system.group_entities:
        for name, facts in situation.get(entity.plural, {}).items():
            for role in entity.roles:
                members = facts.get(role.plural or role.key)
                if members is not None and not (
                    isinstance(members, str)
                    or (isinstance(members, list) and all(isinstance(one, str) for one in members))
                ):
                    raise BadSituation([entity.plural, name, role.plural or role.key], "成员应为项目编号的列表。")
            if not any(facts.get(role.plural or role.key) for role in entity.roles):
                raise BadSituation(
                    [entity.plural, name], f'「{name}」没有列出任何项目。请写 "projects": ["项目编号"]，或者删去它。'
                )


def install() -> None:
    """Put the checks in front of Core's handlers. Idempotent; apps made afterwards have them."""
    from flask import Flask, jsonify, make_response, request
    from openfisca_web_api import app, handlers

    if getattr(handlers, "guarded_by_jining", False):
        return

    def checked(handler):
        @functools.wraps(handler)
        def handle(tax_benefit_system, input_data):
            check_situation(tax_benefit_system, input_data)
            try:
                return handler(tax_benefit_system, input_data)
            except OverflowError as error:
                raise SituationParsingError([], f"数额太大，算不了：{error}", code=400) from None

        return handle

    class GuardedFlask(Flask):
        """Flask that refuses what is not JSON, or is too long, before Core's routes see it."""

        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, **kwargs)
            self.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
            self.before_request(refuse_what_is_not_json)
            self.register_error_handler(413, too_long)

    def refuse_what_is_not_json():
        if request.method != "POST":
            return None
        try:
            request.get_json(silent=True)
        except RecursionError:
            return make_response(jsonify({"error": "请求的 JSON 嵌套太深。"}), 400)
        return None if request.is_json else make_response(jsonify({"error": NOT_JSON}), 400)

    def too_long(error):
        message = f"请求超过 {LARGEST_REQUEST:,} 字节。大批申报请用 openfisca-jining budget 或 Python。"
        return make_response(jsonify({"error": message}), 413)

    handlers.calculate, handlers.trace = checked(handlers.calculate), checked(handlers.trace)
    handlers.guarded_by_jining = True
    app.Flask = GuardedFlask
