"""Guards of the web API: a request that OpenFisca-Core would answer with an error of its own (500) or misread gets a Chinese 400.

Core answers 500 to a request without ``Content-Type: application/json``, to empty or slashed ids, to a list in the place of a value, to a
group without members and to periods other than a year; and it takes full-width digits, ``true`` for an amount, any sign, the last of two
equal keys or fractions of a fen as they come. ``install`` puts the checks of :mod:`openfisca_jining.situations` in front of Core's handlers
without touching its code.
"""

from __future__ import annotations

import datetime
import functools
import json

from openfisca_jining.situations import check_situation, exact_json, plain

#: Longest request taken, bytes. 10,000 projects are about 1.3 MB; more belongs in Python or a table.
LARGEST_REQUEST = 8_000_000
NOT_JSON = "请求的格式应为 JSON：请在请求头写明 Content-Type: application/json，正文为一个 JSON 对象。"


def install() -> None:
    """Put the checks in front of Core's handlers. Idempotent; apps made afterwards have them."""
    from flask import Flask, jsonify, make_response, request
    from flask.json.provider import DefaultJSONProvider
    from openfisca_web_api import app, handlers

    if getattr(handlers, "guarded_by_jining", False):
        return

    def checked(handler):
        @functools.wraps(handler)
        def handle(tax_benefit_system, input_data):
            check_situation(tax_benefit_system, input_data)
            return handler(tax_benefit_system, plain(input_data))

        return handle

    class ExactJSON(DefaultJSONProvider):
        """JSON with numbers as written and keys that stand twice in sight."""

        def loads(self, s, **kwargs):
            return exact_json(s)

        @staticmethod
        def default(value):
            return value.isoformat() if isinstance(value, datetime.date) else DefaultJSONProvider.default(value)

    class GuardedFlask(Flask):
        """Flask that refuses what is not JSON, or is too long, before Core's routes see it."""

        json_provider_class = ExactJSON

        def __init__(self, *args, **kwargs) -> None:
            super().__init__(*args, **kwargs)
            self.config["MAX_CONTENT_LENGTH"] = LARGEST_REQUEST
            self.before_request(refuse_what_is_not_json)
            self.register_error_handler(413, too_long)

    def refuse_what_is_not_json():
        if request.method != "POST":
            return None
        if not request.is_json:
            return make_response(jsonify({"error": NOT_JSON}), 400)
        try:
            exact_json(request.get_data())
        except RecursionError:
            return make_response(jsonify({"error": "请求的 JSON 嵌套太深。"}), 400)
        except ValueError as error:
            place = "编码不是 UTF-8"
            if isinstance(error, json.JSONDecodeError):
                place = f"第 {error.lineno} 行第 {error.colno} 个字附近"
            return make_response(jsonify({"error": f"请求的正文不是 JSON：{place}。请检查引号、逗号和括号。"}), 400)
        return None

    def too_long(error):
        message = f"请求超过 {LARGEST_REQUEST:,} 字节。大批申报请用 openfisca-jining budget 或 Python。"
        return make_response(jsonify({"error": message}), 413)

    handlers.calculate, handlers.trace = checked(handlers.calculate), checked(handlers.trace)
    handlers.guarded_by_jining = True
    app.Flask = GuardedFlask
