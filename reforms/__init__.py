"""What-ifs: one reform per file. Here is what they share: new numbers as dated parameters, formulas that build on the law so far.

A reform that only changes numbers needs nothing of this (see ``yanzhou_cap_and_jining_rate``). One that changes a rule adds its
numbers with :func:`enacting`, reads them with :func:`reformed_law`, and changes as small a stage as it can with :func:`amend`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy
from openfisca_core.parameters import Parameter

from openfisca_jining.errors import UnknownParameter
from openfisca_jining.law import change, find, law_at
from openfisca_jining.variable_types import Amount, Variable


@dataclass(frozen=True)
class New:
    """A number that a reform adds to the law. Before its first day it has no value, and the old rule holds.

    :ivar path: dotted, in the folder of the document it amends. :ivar value: a number, of a switch 1. :ivar start: first day (ISO).
    :ivar label: Chinese. :ivar unit: as in ``parameters/``. :ivar clause: register entry of the sentence it amends.
    """

    path: str
    value: float
    start: str
    label: str
    unit: str
    clause: str

    def parameter(self, reform: str) -> Parameter:
        """The parameter. :param reform: name of the reform, its source."""
        metadata = {
            "label": self.label,
            "unit": self.unit,
            "period": "year",
            "clause": self.clause,
            "reform": reform,
            "reference": [{"title": f"改革设想：{reform}"}],
        }
        data = {"description": self.label, "metadata": metadata, "values": {self.start: self.value}}
        return Parameter(self.path, data)


def enacting(reform: str, changes: Iterable[tuple] = (), new: Iterable[New] = ()) -> Callable:
    """A modifier for ``Reform.modify_parameters``: changed numbers and new ones.

    :param reform: Chinese name of the reform. :param changes: (path, value, first day). :raises UnknownParameter: a bad path, or
        a new number that is there already (the same reform twice).
    """

    def modify(tree):
        for path, value, start in changes:
            change(tree, path, value, start)
        for one in new:
            folder, _, name = one.path.rpartition(".")
            node = find(tree, folder)
            if name in node.children:
                raise UnknownParameter(one.path.split("."), f"参数 {one.path} 已经有了：同一项改革只能采用一次。")
            node.add_child(name, one.parameter(reform))
        return tree

    return modify


def amend(system, name: str, amendment: Callable, **attributes) -> None:
    """Replace a variable by one that starts from what the law so far gives, earlier reforms included, so that reforms stack.

    :param amendment: function of population, period, parameters and the value so far (array) that returns the new value.
    :param attributes: of the variable, if others than before, e.g. ``label``.
    """
    so_far = system.get_variable(name, check_existence=True)

    def formula(population, period, parameters):
        before = so_far.get_formula(period)
        arguments = (population, period, parameters)[: before.__code__.co_argcount]
        return amendment(population, period, parameters, before(*arguments))

    kind = Amount if so_far.value_type is float else Variable
    system.update_variable(type(name, (kind,), {"formula": formula, **attributes}))


def reformed_law(project, period, parameters, document: str):
    """A document's law at each application date, with ``nan`` where a number of a reform has no value yet (see ``law.law_at``)."""
    dates = project(f"{document}__application_date", period)
    nobody = numpy.zeros(project.count, dtype=bool)
    return law_at(project, period, parameters, document, dates, nobody)
