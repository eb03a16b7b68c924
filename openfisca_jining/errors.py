"""Errors that reach a person. All carry a Chinese message and turn into a 400 answer of the web API."""

from openfisca_core.errors import SituationParsingError


class JiningError(SituationParsingError, ValueError):
    """Base: ``path`` says where (entity, variable or parameter), ``message`` what and what to do."""

    def __init__(self, path, message: str) -> None:
        SituationParsingError.__init__(self, list(path), message, code=400)
        self.message = message

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
