"""Errors that reach a person. All carry a Chinese message and turn into a 400 answer of the web API."""

from typing import Any

from openfisca_core.errors import SituationParsingError


class JiningError(SituationParsingError, ValueError):
    """Base: ``path`` says where (entity, variable or parameter), ``message`` what and what to do.

    :ivar steps: of the path, as texts. :ivar row: of a population, from 0, if the error speaks of one of its rows.
    """

    def __init__(self, path, message: str, row: int | None = None) -> None:
        # 不经 Core 的路径字符串：编号里可以有斜杠、星号和数字
        said: Any = message
        self.steps = [str(step) for step in path if str(step)]
        for step in reversed(self.steps or ["error"]):
            said = {step: said}
        self.error: dict[str, Any] = said
        self.code, self.message, self.row = 400, message, row
        Exception.__init__(self, str(self.error))

    def __str__(self) -> str:
        return self.message


class MissingFact(JiningError):
    """A fact that decides money and has no safe default was not stated."""


class BadFact(JiningError):
    """A fact is impossible (negative, not a number, contradicts another fact)."""


class UnstatedParameter(JiningError):
    """The text does not state a quantity that the computation needs (文件未定)."""


class UnknownReading(JiningError):
    """A reading that the register does not know, or one that changes within a claim year."""


class UnknownParameter(JiningError):
    """No parameter of that path, or a value that does not fit it."""


class BadSituation(JiningError):
    """A request to the web API, or a situation, that is not written as it should be."""
