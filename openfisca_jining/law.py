"""The law at each claim's date.

A claim is judged by the parameters in force on its application date. Core reads parameters at one instant, so the claim
year is cut into segments at the dates on which anything in the document's folder changes (usually none), Core is asked once
per segment, and a formula gets a :class:`Law` whose leaves are plain numbers when all segments agree and arrays picked by
claim otherwise. Tracing and reforms work as always, because every value still comes from ``parameters(instant)``.
"""

from __future__ import annotations

import math
import numbers
from functools import partial

import numpy
from openfisca_core.errors import ParameterNotFoundError
from openfisca_core.parameters import Parameter, ParameterNode

from openfisca_jining import written
from openfisca_jining.errors import UnknownParameter, UnknownReading, UnstatedParameter

DAY = "datetime64[D]"
#: Default of every date fact: 1970-01-01 means 未填写.
NO_DATE = numpy.datetime64("1970-01-01", "D")


def document(tree: ParameterNode, name: str) -> ParameterNode:
    """Folder of one document in a parameter tree. :raises UnknownParameter: no such folder."""
    try:
        return tree.children[name]
    except KeyError:
        raise UnknownParameter([name], f"没有名为 {name} 的文件参数目录。") from None


def leaves(node):
    """All parameters under a node, depth first."""
    if isinstance(node, Parameter):
        yield node
    else:
        for child in getattr(node, "children", {}).values():
            yield from leaves(child)


def find(tree: ParameterNode, path: str):
    """Parameter or node at a dotted path. :raises UnknownParameter: with the part of the path that is missing."""
    node = tree
    for part in path.split("."):
        try:
            node = node.children[part]
        except (AttributeError, KeyError):
            raise UnknownParameter(path.split("."), f"没有参数 {path}：找不到 {part}。") from None
    return node


def kept(population, name: str, year: int, what: str, compute):
    """What all formulas of a system read alike in a claim year, worked out once, except under a tracer, which must see it read.

    :param compute: function without arguments. :param name, what: what is kept, unique together.
    """
    simulation = population.simulation
    system = simulation.tax_benefit_system
    tree, cache = system.__dict__.get("_kept", (None, {}))
    if tree is not system.parameters:
        cache = {}
        system.__dict__["_kept"] = (system.parameters, cache)
    if simulation.trace and what != "starts":  # 分段不读任何参数的值
        return compute()
    if (name, year, what) not in cache:
        cache[name, year, what] = compute()
    return cache[name, year, what]


def segment_starts(population, name: str, year: int) -> list[numpy.datetime64]:
    """First days of the segments of a claim year: 1 January, and every later date on which the document's folder changes."""

    def compute():
        first = f"{year:04d}-01-01"
        dates = {
            at.instant_str
            for parameter in leaves(document(population.simulation.tax_benefit_system.parameters, name))
            for at in parameter.values_list
            if at.instant_str[:4] == first[:4] and at.instant_str > first
        }
        return [numpy.datetime64(date, "D") for date in [first, *sorted(dates)]]

    return kept(population, name, year, "starts", compute)


def nodes_of(population, period, parameters, name: str):
    """Parameter node of a document at each segment of a claim year (None where it has no value yet)."""

    def compute():
        starts = segment_starts(population, name, period.start.year)
        return [_child(parameters(str(start)), name) for start in starts]

    return kept(population, name, period.start.year, "nodes", compute)


class Law:
    """A parameter node at each claim's date. Attributes are nodes (:class:`Law`) or values.

    :ivar nodes: the node at each segment (None where it has no value yet).
    :ivar segment: segment number of each claim (None: one segment for all). :ivar wanted: segments that hold a claim in force.
    :ivar scenarios: :class:`Scenarios` of a simulation that holds several laws at once, or None.
    :ivar scenario: scenario of each claim (None: the law is not read claim by claim).
    """

    def __init__(self, tree, nodes, segment, wanted, starts, scenarios=None, scenario=None) -> None:
        self.__dict__.update(_tree=tree, _nodes=nodes, _segment=segment, _wanted=wanted, _starts=starts)
        self.__dict__.update(_scenarios=scenarios, _scenario=scenario)

    def __getattr__(self, key: str):
        child = getattr(self._tree, "children", {}).get(key)
        if child is None:
            raise UnknownParameter([self._tree.name, key], f"没有参数 {self._tree.name}.{key}。")
        found = [_child(node, key) for node in self._nodes]
        if not isinstance(child, Parameter):
            return Law(child, found, self._segment, self._wanted, self._starts, self._scenarios, self._scenario)
        if self._scenarios is not None and child.name in self._scenarios.values:
            return self._scenarios.pick(child, found, self._starts, self._segment, self._scenario)
        if child.metadata.get("readings"):
            return known_reading(child, found)
        for number in self._wanted:
            if found[number] is None:
                raise_no_value(child, self._starts[number])
        values = [numpy.nan if value is None else value for value in found]
        if all(value == values[0] for value in values[1:]):
            return values[0]
        return numpy.array(values)[self._segment]

    def __getitem__(self, key: str):
        return getattr(self, key)

    def __contains__(self, key: str) -> bool:
        return key in getattr(self._tree, "children", {})


class Scenarios:
    """Several laws in one simulation, whose rows belong to one of them each (see ``analysis.scenarios``).

    :ivar values: path of a numeric parameter -> its value in each scenario. :ivar start: first day of these values.
    :ivar number: entity key -> scenario of each of its members.
    """

    def __init__(self, values: dict[str, numpy.ndarray], start: str, number: dict[str, numpy.ndarray]) -> None:
        self.values, self.start, self.number = values, numpy.datetime64(start, "D"), number

    def of(self, population):
        """Scenario of each member of a population, or of each row of a part of one (``groups.Part``)."""
        whole = getattr(population, "whole", None)
        if whole is not None:
            return self.number[whole.entity.key][population.rows]
        return self.number[population.entity.key]

    def pick(self, parameter: Parameter, found, starts, segment, scenario):
        """Value of a varied parameter: one number, or one for each claim.

        :param found: value at each segment under the law on which the scenarios build. :param scenario: scenario of each claim.
        :raises OneLawOnly: the values differ and the formula reads one value for all claims.
        """
        values = self.values[parameter.name]
        later = [day >= self.start for day in starts]
        if not any(later):
            return _one(found) if segment is None else numpy.array([_one([one]) for one in found])[segment]
        if all(later) and (values == values[0]).all():
            return values[0].item()
        if scenario is None:
            raise OneLawOnly(parameter.name)
        if all(later):
            return values[scenario]
        table = numpy.array(
            [values if new else numpy.full(len(values), _one([old])) for new, old in zip(later, found, strict=True)]
        )
        return table[segment, scenario]


def _one(values) -> float:
    return numpy.nan if values[0] is None else values[0]


class OneLawOnly(Exception):
    """A formula needs one value of a parameter for all claims, so scenarios that vary it take turns. :ivar path: parameter."""

    def __init__(self, path: str) -> None:
        super().__init__(path)
        self.path = path


def scenarios_of(population) -> Scenarios | None:
    """The scenarios of a population's simulation, if it holds several laws at once."""
    return population.simulation.__dict__.get("scenarios")


def _child(node, key: str):
    try:
        return getattr(node, key)
    except (ParameterNotFoundError, AttributeError):
        return None


def raise_no_value(parameter: Parameter, date) -> None:
    """Say why a parameter has no value: the text leaves it open, or it does not reach back to that date."""
    label = parameter.metadata.get("label") or parameter.description or parameter.name
    if parameter.metadata.get("unstated"):
        raise UnstatedParameter(
            parameter.name.split("."),
            f"文件未定：{parameter.metadata.get('clause')} 没有写明「{label}」（参数 {parameter.name}）。"
            "请先提供该参数再计算，模型不代拟数额。",
        )
    raise UnknownParameter(
        parameter.name.split("."), f"参数 {parameter.name}（{label}）在 {date} 没有值，而当时有在有效期内的申报。"
    )


def known_reading(parameter: Parameter, values) -> str:
    """The reading taken in a claim year. :raises UnknownReading: not registered, or not one reading for the whole year."""
    known = parameter.metadata["readings"]
    if len(set(values)) > 1:
        raise UnknownReading(
            parameter.name.split("."), f"读法 {parameter.name} 在一个申报年度内改变，请从 1 月 1 日起改。"
        )
    if values[0] not in known:
        raise UnknownReading(
            parameter.name.split("."),
            f"读法 {parameter.name} 没有「{values[0]}」这一种。可选：{'、'.join(known)}。",
        )
    return values[0]


def law_at(population, period, parameters, name: str, dates, wanted) -> Law:
    """The law of a document at the date of each row of a population.

    :param name: document id, e.g. ``yanzhou_2020``. :param dates: datetime64[D] of each row.
    :param wanted: bool of each row: claims in force. Where they need a value that is missing, an error is raised; other
        rows get ``nan``.
    """
    system = population.simulation.tax_benefit_system
    starts = segment_starts(population, name, period.start.year)
    nodes = nodes_of(population, period, parameters, name)
    if len(starts) == 1:
        segment = None
        needed = [0] if numpy.any(wanted) else []
    else:
        segment = numpy.clip(numpy.searchsorted(numpy.array(starts, dtype=DAY), dates, side="right") - 1, 0, None)
        needed = [int(number) for number in numpy.unique(segment[numpy.asarray(wanted)])]
    scenarios = scenarios_of(population)
    scenario = None if scenarios is None else scenarios.of(population)
    return Law(document(system.parameters, name), nodes, segment, needed, starts, scenarios, scenario)


def law_at_application(project, period, parameters, name: str) -> Law:
    """The law of a document at each project's application date. See :func:`law_at`."""
    dates = project(f"{name}__application_date", period)
    return law_at(project, period, parameters, name, dates, project(f"{name}__in_force", period))


def law_of_year(population, period, parameters, name: str, wanted=True) -> Law:
    """The law of a document on the last day of the claim year on which it is open (for yearly sums, scores and lists).

    :param wanted: whether (or for which rows) a missing value is an error; a document not open in the year wants nothing.
    """
    last = last_open_day(population, period, parameters, name)
    is_open = not numpy.isnat(last)
    start = last if is_open else numpy.datetime64(str(period.start), "D")
    node = kept(population, name, period.start.year, "last", lambda: _child(parameters(str(start)), name))
    tree = document(population.simulation.tax_benefit_system.parameters, name)
    needed = [0] if is_open and numpy.any(wanted) else []
    return Law(tree, [node], None, needed, [start], scenarios_of(population))


def reading(population, period, parameters, path: str) -> str:
    """The reading at a dotted path, e.g. ``common.readings.rounding``. :raises UnknownReading: see :func:`known_reading`."""
    name, _, rest = path.partition(".")

    def compute():
        system = population.simulation.tax_benefit_system
        starts = segment_starts(population, name, period.start.year)
        found = Law(document(system.parameters, name), nodes_of(population, period, parameters, name), None, [], starts)
        for part in rest.split("."):
            found = getattr(found, part)
        return str(found)

    return kept(population, name, period.start.year, rest, compute)


def national_at(population, period, parameters, dates, path: str):
    """National parameter (``national.<path>``) at each row's own date, in whichever year it lies. Array of floats."""
    tree = population.simulation.tax_benefit_system.parameters
    parameter = find(tree, f"national.{path}")
    marks = sorted(at.instant_str for at in parameter.values_list)
    place = numpy.searchsorted(numpy.array(marks, dtype=DAY), dates, side="right") - 1
    result = numpy.full(population.count, numpy.nan)
    for number in numpy.unique(place):
        if number < 0:
            continue
        node = parameters(marks[number])
        for part in ["national", *path.split(".")]:
            node = _child(node, part)
        result[place == number] = numpy.nan if node is None else node
    return result


# ----- validity -----


def open_windows(population, period, parameters, name: str):
    """Windows of the claim year in which a document takes claims: list of (first day, last day), both included.

    The first and last day of a document are parameters (``<document>.validity.first_day``, ``last_day``), under some
    documents one per reading. They are read segment by segment, so a reform may move them from any date on.
    """

    def compute():
        starts = segment_starts(population, name, period.start.year)
        nodes = nodes_of(population, period, parameters, name)
        year_end = numpy.datetime64(f"{period.start.year:04d}-12-31", "D")
        ends = [start - 1 for start in starts[1:]] + [year_end]
        windows = []
        for node, start, end in zip(nodes, starts, ends, strict=True):
            first, last = (
                _validity_day(population, period, parameters, name, node, side) for side in ("first", "last")
            )
            if first is not None and last is not None and max(start, first) <= min(end, last):
                windows.append((max(start, first), min(end, last)))
        return windows

    return kept(population, name, period.start.year, "windows", compute)


def _validity_day(population, period, parameters, name: str, node, side: str):
    value = _child(_child(node, "validity"), f"{side}_day")
    if value is not None and not isinstance(value, str):
        tree = find(population.simulation.tax_benefit_system.parameters, f"{name}.validity.{side}_day")
        value = _child(value, reading(population, period, parameters, tree.metadata["reading"]))
    return None if value is None else numpy.datetime64(value, "D")


def last_open_day(population, period, parameters, name: str):
    """Last day of the claim year on which a document takes claims; NaT if it takes none."""
    windows = open_windows(population, period, parameters, name)
    return windows[-1][1] if windows else numpy.datetime64("NaT", "D")


def resolve_date(population, period, parameters, name: str, stated):
    """A stated date, or for ``NO_DATE`` the last open day of the document in the claim year (its last day if never open)."""
    last = last_open_day(population, period, parameters, name)
    if numpy.isnat(last):
        last = numpy.datetime64(f"{period.start.year:04d}-12-31", "D")
    return numpy.where(stated == NO_DATE, last, stated).astype(DAY, copy=False)


def in_force(population, period, parameters, name: str, application, event=None):
    """Whether each claim is of this claim year and its decisive date falls in the document's validity.

    :param application: application date of each row (claims of another year are not this year's).
    :param event: the date that must fall in the validity, if not the application date.
    """
    event = application if event is None else event
    first, last = (numpy.datetime64(f"{period.start.year:04d}-{day}", "D") for day in ("01-01", "12-31"))
    this_year = (first <= application) & (application <= last)
    if event is application:
        windows = open_windows(population, period, parameters, name)
    else:
        years = numpy.unique(event.astype("datetime64[Y]")).astype(int) + 1970
        windows = [
            window
            for year in years
            for window in open_windows(population, _year_period(period, int(year)), parameters, name)
        ]
    inside = numpy.zeros(population.count, dtype=bool)
    for first, last in windows:
        inside |= (first <= event) & (event <= last)
    return this_year & inside


def _year_period(period, year: int):
    return period.offset(year - period.start.year, "year")


def same_day(date: str, year: int):
    """The day of the calendar of a YYYY-MM-DD date, in another year (datetime64[D])."""
    return numpy.datetime64(f"{year:04d}{date[4:]}", "D")


# ----- changing parameters (reforms) -----

#: In place of a value: from that day on the parameter is again what it was before this reform.
AS_BEFORE = "原值"


def check_value(parameter, value):
    """The value as a parameter takes it; the one place where every entrance's values are read.

    :param value: a number, or a text as people write it (``3%``, ``300万元``; see :mod:`written`); a day; the name of a reading;
        None (unstated). :returns: number (``int`` if whole), ``YYYY-MM-DD``, name or None.
    :raises UnknownParameter, UnknownReading: it cannot be a value of this parameter.
    """
    path = parameter.name.split(".")
    if not isinstance(parameter, Parameter):
        raise UnknownParameter(path, f"{parameter.name} 是一组参数，不是一个参数，不能赋值。")
    if parameter.metadata.get("readings"):
        return known_reading(parameter, [str(value)])
    unit = parameter.metadata.get("unit", "")
    try:
        return written.day(value) if unit == "date" else _number(value, unit)
    except ValueError as error:
        label = parameter.metadata.get("label") or parameter.description
        raise UnknownParameter(path, f"参数 {parameter.name}（{label}）：{error}。收到「{value}」。") from None


def _number(value, unit: str):
    if value is None:
        return None
    if isinstance(value, str):
        value = written.number(value, unit)
    if isinstance(value, (bool, numpy.bool_)) or not isinstance(value, numbers.Real):
        raise ValueError("应为数字")
    if not math.isfinite(value):
        raise ValueError("应为有限的数字，不能是无穷大或非数（inf、nan）")
    return written.plain(value)


def settled_changes(tree: ParameterNode, changes) -> list[tuple]:
    """Changes as a tree takes them: (path, value, first day), in the order of their days.

    :param changes: (path, value, first day); values as :func:`check_value` reads them or :data:`AS_BEFORE`, days as
        ``YYYY-MM-DD`` or ``datetime.date``. :raises UnknownParameter, UnknownReading: bad path, value or day.
    """
    settled = []
    for path, value, start in changes:
        parameter = find(tree, path)
        back = isinstance(value, str) and value.strip() == AS_BEFORE and isinstance(parameter, Parameter)
        value = AS_BEFORE if back else check_value(parameter, value)
        try:
            settled.append((path, value, written.day(start)))
        except ValueError as error:
            raise UnknownParameter(path.split("."), f"参数 {path} 的起始日期「{start}」：{error}。") from None
    return sorted(settled, key=lambda one: one[2])


def change(tree: ParameterNode, path: str, value, start: str, before=None) -> ParameterNode:
    """Set a parameter of a tree from a day on (later dated values of the law are replaced too).

    Meant for ``Reform.modify_parameters``, which hands over a copy.

    :param before: dated values that :data:`AS_BEFORE` brings back. :raises UnknownParameter, UnknownReading: bad path or value.
    """
    ((path, value, start),) = settled_changes(tree, [(path, value, start)])
    parameter = find(tree, path)
    later = []
    if value == AS_BEFORE:
        before = parameter.values_list if before is None else before
        value = next((at.value for at in before if at.instant_str <= start), None)
        later = [at for at in before if at.instant_str > start]
    parameter.update(start=start, value=value)
    parameter.values_list = later + parameter.values_list
    return tree


def changing(changes) -> partial:
    """A modifier for ``Reform.modify_parameters`` from a list of (path, value, first day).

    The list is a timetable: in whatever order it is written, each value holds until the next day that the list gives for the
    path; the last one holds for ever, unless it is :data:`AS_BEFORE`. The law's own later values in between are replaced.
    """

    def modify(tree, changes):
        before: dict[str, list] = {}
        for path, value, start in settled_changes(tree, changes):
            before.setdefault(path, find(tree, path).values_list)
            change(tree, path, value, start, before[path])
        return tree

    return partial(modify, changes=list(changes))
