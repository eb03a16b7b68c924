"""The law of a case: its ``reforms``, and what is said where one of them does not exist."""

from __future__ import annotations

import importlib
from types import ModuleType

from openfisca_core.reforms import Reform
from openfisca_core.tools import test_runner

from openfisca_jining import readings, supply
from openfisca_jining.errors import BadSituation, UnknownParameter, UnknownReading
from openfisca_jining.law import leaves
from openfisca_jining.reform_files import nearest
from openfisca_jining.reforming import reform_modules

FORMS = "openfisca_jining.readings.<文件>__<读法>__<取值>、openfisca_jining.supply.<参数路径>__is__<数>、openfisca_jining.reforms.<模块>.<类>"


def law_of(baseline, case):
    """The system of a case. :param case: a ``Test`` of Core. :raises BadSituation: it names a reform or a parameter that does not exist."""
    for name in case.reforms if isinstance(case.reforms, list) else [case.reforms]:
        check_reform(name)
    try:
        return test_runner._get_tax_benefit_system(baseline, case.reforms, case.extensions)
    except (UnknownParameter, UnknownReading) as error:
        known = [leaf.name for leaf in leaves(baseline.parameters)]
        raise BadSituation(["reforms"], f"{error}{meant('.'.join(error.steps), known)}") from None


def check_reform(name: str) -> None:
    """Whether there is a reform of that name. :raises BadSituation: says what may have been meant."""
    if whole := module_of(name):
        inside = "".join(f"是不是要写 {name}.{one}？" for one in reforms_of(whole)[:1])
        raise BadSituation(["reforms"], f"「{name}」是模块，不是改革。{inside}可以写的是：{FORMS}。")
    package, _, last = name.rpartition(".")
    module = module_of(package)
    if module is None:
        known = [readings.__name__, supply.__name__, *(f"openfisca_jining.reforms.{one}" for one in reform_modules())]
        raise BadSituation(["reforms"], f"没有改革「{name}」。{meant(package, known)}可以写的是：{FORMS}。")
    try:
        found = getattr(module, last)
    except AttributeError as error:
        if module in (readings, supply):
            raise BadSituation(["reforms"], str(error)) from None
        near = meant(last, reforms_of(module))
        raise BadSituation(["reforms"], f"没有改革「{name}」：{package} 里没有 {last}。{near}") from None
    if not is_reform(found):
        raise BadSituation(["reforms"], f"「{name}」不是改革。可以写的是：{FORMS}。")


def module_of(name: str) -> ModuleType | None:
    """The module of that name, if there is one."""
    if not name or name.startswith("."):
        return None
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        if not f"{name}.".startswith(f"{error.name}."):
            raise
        return None


def reforms_of(module: ModuleType) -> list[str]:
    """The names of the reforms of a module."""
    return [key for key, value in vars(module).items() if is_reform(value)]


def is_reform(value) -> bool:
    """Whether a value is a class of a reform."""
    return isinstance(value, type) and issubclass(value, Reform) and value is not Reform


def meant(name: str, known: list[str]) -> str:
    """What to do about a name: what it may stand for if it is misspelt."""
    near = [] if name in known else nearest(name, known, 1)
    return f"是不是要写 {near[0]}？" if near else "请核对。"
