"""What is wrong, or looks wrong, with reforms before anything is computed.

An error (错误) is certain to give a result that nobody meant: a path or value that does not exist, a number in another unit. A
warning (提醒) may be meant: a change that does nothing, replaces later values of the law, or moves a value very far. The lint
knows no limits of the law; it measures a value by the one in force (「是现行值的 N 倍」) and by the unit in the metadata.
"""

from __future__ import annotations

import datetime
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from openfisca_core.parameters import Parameter
from openfisca_core.reforms import Reform

from openfisca_jining import written
from openfisca_jining.errors import JiningError
from openfisca_jining.law import AS_BEFORE, find, leaves, settled_changes
from openfisca_jining.money import FEN, LARGEST
from openfisca_jining.readings import ALWAYS
from openfisca_jining.reform_files import ReformFile, ReformFileError, is_reform_file, nearest, read_reform_file
from openfisca_jining.reforming import (
    SINGLE,
    dated_change,
    file_changes,
    reading_change,
    reform_class,
    reformed,
    supply_change,
)

ERROR, WARNING = "错误", "提醒"
MONEY = "元"
#: Units of things that are counted, and of whole spans of time.
COUNTS = frozenset("个家人名场处条次项天月年")
#: A value this many times the one in force, or this part of it, is remarked on.
FAR = 10
#: Units that a bare amount may have been meant in, and how near (times) it must then be to the amount in force.
MEANT, NEAR = {"万元": 10**4, "亿元": 10**8}, 20
#: After every day.
NEVER = "9999-99-99"


class RefusedReform(JiningError):
    """Reforms with errors of the lint; the message lists them."""


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a reform.

    :ivar severity: :data:`ERROR` or :data:`WARNING`. :ivar source: the reform: file, module or option.
    :ivar parameter: path it concerns, as written; empty if the whole reform. :ivar message: what is wrong, with the value read.
    :ivar suggestion: the nearest right thing, or what to do; may be empty.
    """

    severity: str
    source: str
    parameter: str
    message: str
    suggestion: str = ""

    def __str__(self) -> str:
        return f"【{self.severity}】{self.source}：{self.message}{self.suggestion}"


@dataclass(frozen=True)
class Layer:
    """One reform of the stack, with what it declares to change.

    :ivar name: what messages call it. :ivar wanted: (path, value as written, first day). :ivar supplied: paths given as supply.
    :ivar reform: its class (None: only these changes). :ivar settled: those of ``wanted`` that fit, in the order of their days.
    """

    name: str
    wanted: list[tuple]
    supplied: frozenset[str] = frozenset()
    reform: type[Reform] | None = None
    settled: list[tuple] = field(default_factory=list)

    @property
    def paths(self) -> list[str]:
        """Paths that it changes, each once."""
        return list(dict.fromkeys(path for path, _, _ in self.settled))

    def spans(self, path: str) -> list[tuple[str, str, object]]:
        """(first day, first day no longer, value) of each value of a path."""
        dated = [(start, value) for one, value, start in self.settled if one == path]
        return [(start, end, value) for (start, value), (end, _) in itertools.pairwise([*dated, (NEVER, None)])]


def lint(
    system, *, reforms=(), readings=(), supply=(), changes=(), population=None, year: int | None = None
) -> list[Finding]:
    """Check reforms before they are applied. Nothing is changed.

    :param system: the law they are to change. :param reforms, readings, supply, changes: as in ``reforming.reformed``.
    :param population: if given, also whether anybody in it can feel each change (two budgets for each changed parameter).
    :param year: claim year of the data; default that of the population.
    :returns: findings, errors first, else in the order of the reforms. Bad files and modules are findings, too.
    :raises JiningError: the population cannot be computed under the given law.
    """
    year = population.year if population is not None else year
    layers, findings = _layers(reforms, readings, supply, changes)
    laws = [system]  # 每加一层之后的规定
    for layer in layers:
        findings += _settle(system, laws[-1], layer)
        laws.append(_with(laws[-1], layer, findings))
    findings += _dated_findings(system, laws[-1], layers, year)
    if population is not None and not _errors(findings):
        findings += _unfelt(population, laws[1], laws[-1], layers[1:])
    return sorted(findings, key=lambda one: one.severity != ERROR)


def refuse(findings: Sequence[Finding]) -> list[Finding]:
    """The warnings among findings. :raises RefusedReform: there are errors."""
    wrong = _errors(findings)
    if wrong:
        raise RefusedReform([one.parameter or one.source for one in wrong], "\n".join(map(str, wrong)))
    return list(findings)


def _errors(findings: Iterable[Finding]) -> list[Finding]:
    return [one for one in findings if one.severity == ERROR]


# ----- what is asked for -----


def _layers(reforms, readings, supply, changes) -> tuple[list[Layer], list[Finding]]:
    """The stack as ``reformed`` builds it: readings and supplies, reforms, single changes. The first and last may be empty."""
    findings: list[Finding] = []
    always = _read(readings, reading_change, "读法", findings)
    given = _read(supply, supply_change, "提供的数额", findings)
    layers = [Layer("给定的读法和数额", always + given, frozenset(path for path, _, _ in given))]
    for reform in reforms:
        try:
            layers += _layers_of(reform)
        except ReformFileError as error:
            findings.append(Finding(ERROR, error.file, error.key, f"{error.key and error.key + '：'}{error.reason}"))
        except JiningError as error:
            findings.append(Finding(ERROR, str(reform), "", error.message))
    return [*layers, Layer(SINGLE, _read(changes, dated_change, SINGLE, findings))], findings


def _read(items, form, source: str, findings: list[Finding]) -> list[tuple]:
    read = []
    for item in items:
        try:
            read.append(form(item))
        except JiningError as error:
            findings.append(Finding(ERROR, source, str(item), error.message))
    return read


def _layers_of(reform) -> Iterator[Layer]:
    if is_reform_file(reform):
        stated = read_reform_file(reform)
        for module in stated.reforms:
            yield from _layers_of(module)
        yield _file_layer(stated)
    else:
        found = reform_class(reform)
        name = str(found.name or found.__name__)
        stated = vars(found).get("stated")
        name += f"（{reform}）" if isinstance(reform, str) else f"（{stated.source['file']}）" if stated else ""
        yield Layer(name, list(getattr(found, "changes", ())), reform=found)


def _file_layer(stated: ReformFile) -> Layer:
    name = f"{stated.title}（{stated.source['file']}）"
    supplied = frozenset(path for path, _ in stated.supply)
    return Layer(name, [change for _, change in file_changes(stated)], supplied)


def _settle(system, below, layer: Layer) -> list[Finding]:
    """Take a layer's changes as the law takes them.

    :param system: the law, by which values are measured. :param below: the law with the layers under this one, which may have
        added parameters. :returns: findings about single values.
    """
    findings = []
    for path, value, start in layer.wanted:
        wrong = _wrong_path(below, layer, path)
        if wrong:
            findings.append(wrong)
            continue
        parameter = _parameter(system, path) or find(below.parameters, path)
        try:
            (settled,) = settled_changes(below.parameters, [(path, value, start)])
        except JiningError as error:
            findings.append(Finding(ERROR, layer.name, path, error.message, _likely_value(parameter, value)))
            continue
        again = next((one for one in layer.settled if (one[0], one[2]) == (path, settled[2])), settled)
        if again[1] != settled[1]:
            both = "、".join(_words(one[1], parameter.metadata.get("unit", "")) for one in (again, settled))
            message = f"{path} 在 {settled[2]} 给了两个值：{both}。"
            findings.append(Finding(ERROR, layer.name, path, message, "请只留一个。"))
        layer.settled.append(settled)
        findings += _wrong_number(layer, parameter, value, settled)
    layer.settled.sort(key=lambda one: one[2])
    return findings


def _with(system, layer: Layer, findings: list[Finding]):
    """The system with a layer on it. One that cannot be applied is left out, and becomes a finding if it has none yet."""
    if layer.reform is None:
        return reformed(system, changes=layer.settled, name=layer.name)
    try:
        return layer.reform(system)
    except JiningError as error:
        if not any(one.source == layer.name for one in _errors(findings)):
            findings.append(Finding(ERROR, layer.name, "", error.message))
    return system


# ----- paths -----


def _wrong_path(system, layer: Layer, path: str) -> Finding | None:
    names = [leaf.name for leaf in leaves(system.parameters)]
    try:
        parameter = find(system.parameters, path)
    except JiningError as error:
        near = _likely_path(system, path, names)
        return Finding(ERROR, layer.name, path, error.message, f"是不是 {'、'.join(near)}？" if near else "")
    if not isinstance(parameter, Parameter):
        inside = [leaf.name for leaf in leaves(parameter)]
        listed = "、".join(inside[:5]) + (" 等" if len(inside) > 5 else "")
        return Finding(ERROR, layer.name, path, f"{path} 是一组参数，不能赋值。", f"请写其中一个：{listed}。")
    return None


def _likely_path(system, path: str, names: list[str]) -> list[str]:
    folder, reading, _ = path.partition(".readings.")
    if reading:
        near = nearest(path, [name for name in names if name.startswith(f"{folder}.readings.")], 1)
        return [name.replace(".readings.", ".", 1) for name in near]
    labelled = [leaf.name for leaf in leaves(system.parameters) if leaf.metadata.get("label") == path]
    return labelled[:3] or nearest(path, names)


def _likely_value(parameter: Parameter, value) -> str:
    known = parameter.metadata.get("readings") or {}
    near = [name for name, words in known.items() if str(value) in words] or nearest(str(value), list(known), 1)
    return f"是不是 {near[0]}（{known[near[0]]}）？" if near else ""


# ----- single values -----


def _wrong_number(layer: Layer, parameter: Parameter, value, settled) -> Iterator[Finding]:
    path, number, start = settled
    unit = parameter.metadata.get("unit", "")
    say = _Sayer(layer.name, path)
    if path in layer.supplied and not parameter.metadata.get("unstated"):
        now = _words(_in_force(parameter, start), unit)
        yield say(
            WARNING,
            f"{path} 文件已写明（{now}），这不是提供数额，而是改变规定。",
            "请写在 changes（--set）里并写明日期，否则会算进现行政策。",
        )
    if number is None and not parameter.metadata.get("unstated"):
        yield say(WARNING, f"{path} 改成了没有值，遇到需要它的申报会拒绝计算。")
    if parameter.metadata.get("readings") and not start.endswith("-01-01"):
        yield say(ERROR, f"{path} 是读法，自 {start} 起改；一个申报年度只能有一种读法。", "请从 1 月 1 日起改。")
    if isinstance(number, str) or number is None:
        return
    impossible = list(_impossible(say, path, number, unit))
    yield from impossible or _wrong_scale(say, path, value, number, unit, _in_force(parameter, start))


def _impossible(say, path: str, number, unit: str) -> Iterator[Finding]:
    read = _words(number, unit)
    if number < 0:
        yield say(ERROR, f"{path} 读到 {read}，不能是负数。", f"是不是 {_words(-number, unit)}？")
    if unit == written.SHARE and number > 1:
        meant = f"是不是 {number:g}%，即 {number / 100:g}？" if number <= 100 else "比例写成 0.04 或 4%。"
        yield say(ERROR, f"{path} 是比例，读到 {number:g}，即 {number:.0%}，超过 100%。", meant)
    if unit in COUNTS and number != int(number):
        yield say(ERROR, f"{path} 读到 {number:g}，单位是「{unit}」，应为整数。")
    if unit == MONEY and number <= LARGEST and abs(number * FEN - round(number * FEN)) > 1e-4:
        yield say(ERROR, f"{path} 读到 {number} 元，金额只到分。", f"是不是 {round(number, 2):,.2f} 元？")
    if unit == MONEY and number > LARGEST:
        yield say(ERROR, f"{path} 读到 {number:,.0f} 元，大得无法精确到分（最多 {LARGEST:,} 元）。")


def _wrong_scale(say, path: str, value, number, unit: str, now) -> Iterator[Finding]:
    """A number far from the one in force; a bare amount that would be near it in 万元 or 亿元 is in the wrong unit.

    Nothing, a fen, or the largest amount that the model counts is how a threshold or a cap is abolished.
    """
    abolished = number == 0 or (unit == MONEY and not 1 / FEN < number < LARGEST)
    if isinstance(now, str) or not now or abolished:
        return
    times = number / now
    meant = [name for name, scale in MEANT.items() if number >= 1 and 1 / NEAR <= times * scale <= NEAR]
    if unit == MONEY and times < 1 / 1000 and meant and not written.states_unit(value):
        yield say(
            ERROR,
            f"{path} 的单位是元，读到 {number:,} 元，现行 {now:,} 元，像是把{meant[0]}写成了元。",
            f"是 {number:,} {meant[0]}，请写 {number}{meant[0]}；确实是 {number:,} 元，请写 {number}元。",
        )
    elif times > FAR * (1 + 1e-9) or times < 1 / FAR * (1 - 1e-9):
        far = f"是现行值的 {_times(times)} 倍" if times > 1 else f"只有现行值的 {_times(1 / times)} 分之一"
        hint = "请核对单位。"
        if unit == written.SHARE and times > 1 and not written.states_unit(value):
            hint = f"是不是 {number:g}%，即 {number / 100:g}？"
        yield say(WARNING, f"{path} 读到 {_words(number, unit)}，现行 {_words(now, unit)}，{far}。", hint)


@dataclass(frozen=True)
class _Sayer:
    """Makes the findings of one reform about one path."""

    source: str
    path: str

    def __call__(self, severity: str, message: str, suggestion: str = "") -> Finding:
        return Finding(severity, self.source, self.path, message, suggestion)


def _parameter(system, path: str) -> Parameter | None:
    """A parameter of a system, or None if there is none of that path."""
    try:
        return find(system.parameters, path)
    except JiningError:
        return None


def _in_force(parameter: Parameter, start: str):
    """Value of the law on a day, or the first later one."""
    value = parameter.get_at_instant(start)
    earliest = parameter.values_list[-1].value if parameter.values_list else None
    return earliest if value is None else value


# ----- days -----


def _dated_findings(system, after, layers: Sequence[Layer], year: int | None) -> Iterator[Finding]:
    touched: set[str] = set()
    for number, layer in enumerate(layers):
        for path in layer.paths:
            law, say = _parameter(system, path), _Sayer(layer.name, path)
            yield from _conflicts(say, law or find(after.parameters, path), layers[:number], layer)
            yield from _ended_early(say, path, layer)
            if law is None:  # 下面的改革新设的参数
                continue
            if path not in touched and not law.metadata.get("readings"):  # 明说缺省读法是好习惯
                yield from _does_nothing(say, law, layer)
            yield from _erased(say, law, layer)
            yield from _wrong_days(say, law, layer, after, year)
        touched.update(layer.paths)


def _conflicts(say, parameter: Parameter, earlier: Sequence[Layer], layer: Layer) -> Iterator[Finding]:
    path, unit = parameter.name, parameter.metadata.get("unit", "")
    for other in earlier:
        for (start, end, old), (own_start, own_end, new) in itertools.product(other.spans(path), layer.spans(path)):
            overlap = max(start, own_start)
            if overlap >= min(end, own_end) or AS_BEFORE in (old, new) or old == new:
                continue
            yield say(
                WARNING,
                f"{path} 有两项改革同时改：「{other.name}」自 {start} 起为 {_words(old, unit)}，"
                f"「{layer.name}」自 {own_start} 起为 {_words(new, unit)}，自 {overlap} 起重叠。",
                f"重叠的日子以后列的「{layer.name}」（{_words(new, unit)}）为准。",
            )


def _ended_early(say, path: str, layer: Layer) -> Iterator[Finding]:
    start, _, value = layer.spans(path)[0]
    if value == AS_BEFORE:
        yield say(WARNING, f"{path} 自 {start} 起恢复原值，但这项改革在此之前没有改过它，不起作用。")


def _does_nothing(say, parameter: Parameter, layer: Layer) -> Iterator[Finding]:
    """A value that is the law's already, on every day on which it holds."""
    if parameter.name in layer.supplied:
        return
    for start, end, value in layer.spans(parameter.name):
        days = [start, *(day for day, _ in _law_values(parameter, start, end))]
        if value != AS_BEFORE and all(parameter.get_at_instant(day) == value for day in days):
            words = _words(value, parameter.metadata.get("unit", ""))
            yield say(WARNING, f"{parameter.name} 自 {start} 起为 {words}，与现行值相同，不起作用。")


def _erased(say, parameter: Parameter, layer: Layer) -> Iterator[Finding]:
    """Later values of the law that a change replaces. Its first value is not later if the change begins before it."""
    unit = parameter.metadata.get("unit", "")
    for start, end, value in layer.spans(parameter.name):
        later = _law_values(parameter, start, end)
        later = later[1:] if parameter.get_at_instant(start) is None else later
        gone = [(day, old) for day, old in later if old != value]
        if value == AS_BEFORE or not gone:
            continue
        listed = "、".join(f"{day} 起 {_words(old, unit)}" for day, old in gone)
        yield say(
            WARNING,
            f"{parameter.name} 自 {start} 起为 {_words(value, unit)}，会盖掉法规以后的值：{listed}。",
            f"要保留，请在 {gone[0][0]} 写「{AS_BEFORE}」，如 --set {parameter.name}={AS_BEFORE}@{gone[0][0]}。",
        )


def _law_values(parameter: Parameter, start: str, end: str) -> list[tuple[str, object]]:
    """Dated values of the law after a day and before another, in order."""
    return sorted((at.instant_str, at.value) for at in parameter.values_list if start < at.instant_str < end)


def _wrong_days(say, parameter: Parameter, layer: Layer, after, year: int | None) -> Iterator[Finding]:
    """Days on which a change can do nothing: after the claim year, before the document, or while it takes no claims."""
    path, spans = parameter.name, layer.spans(parameter.name)
    first = spans[0][0]
    if year and first > f"{year}-12-31":
        yield say(WARNING, f"{path} 自 {first} 起才改，晚于申报年度 {year}，对这一年的测算没有影响。")
    open_days = _open_days(after.parameters, path.split(".")[0])
    if open_days is None or path in layer.supplied or (first == ALWAYS and parameter.metadata.get("unstated")):
        return
    existed = min((day for day, _ in open_days), default=NEVER)
    if first < min(existed, parameter.values_list[-1].instant_str) and open_days:
        yield say(WARNING, f"{path} 自 {first} 起改，早于文件开始受理申报的 {existed}。", f"写 {existed} 即可。")
    for start, end, value in spans:
        if value == AS_BEFORE or any(start <= last and day < end for day, last in open_days):
            continue
        words = "、".join(f"{day} 至 {last}" for day, last in open_days) or "没有"
        until = f"到 {end} 前" if end != NEVER else ""
        yield say(
            WARNING,
            f"{path} 自 {start} 起{until}的值用不上：文件这段日子不受理申报（受理申报的日子：{words}）。",
            "请核对日期，或同时延长有效期（validity.last_day）。",
        )


def _open_days(tree, document: str) -> list[tuple[str, str]] | None:
    """(first, last day) of the spans in which a document takes claims; None for what is no document (国家规定、通用读法)."""
    validity = tree.children[document].children.get("validity")
    if validity is None:
        return None
    sides = [validity.children[f"{side}_day"] for side in ("first", "last")]
    readings = [find(tree, side.metadata["reading"]) for side in sides if not isinstance(side, Parameter)]
    days = sorted({max(at.instant_str, ALWAYS) for one in (*leaves(validity), *readings) for at in one.values_list})
    spans = []
    for start, end in itertools.pairwise([*days, NEVER]):
        first, last = (_validity_day(tree, side, start) for side in sides)
        first, last = max(first, start), min(last, NEVER if end == NEVER else _day_before(end))
        if first <= last:
            spans.append((first, last))
    return spans


def _validity_day(tree, node, day: str) -> str:
    if not isinstance(node, Parameter):
        node = node.children[find(tree, node.metadata["reading"]).get_at_instant(day)]
    return node.get_at_instant(day)


def _day_before(day: str) -> str:
    return (datetime.date.fromisoformat(day) - datetime.timedelta(days=1)).isoformat()


# ----- the population -----


def _unfelt(population, before, after, layers: Sequence[Layer]) -> Iterator[Finding]:
    """Changes that move no instrument's total and no enterprise's money, neither alone nor together with the others.

    Nothing about supplied quantities (budgets leave unstated awards out) and changes after the claim year (said already).
    """
    alone, together = _felt(population, before), _felt(population, after)
    for layer in layers:
        for path in layer.paths:
            law = _parameter(before, path)
            later = layer.spans(path)[0][0] > f"{population.year}-12-31"
            if law is None or later or law.metadata.get("unstated") or _same(law, find(after.parameters, path)):
                continue
            if _felt(population, _with_values_of(before, after, path), alone) != alone:
                continue
            if _felt(population, _with_values_of(after, before, path), together) != together:
                continue
            yield Finding(
                WARNING,
                layer.name,
                path,
                f"{path} 的改动在这份数据里没有人感觉得到：各项合计和每家企业的实付都不变"
                f"（{population.year} 年 {len(population)} 个项目，{population.source or '未注明来源'}）。",
                "请核对参数、日期和数据的年度、地区。",
            )


def _felt(population, system, unless_refused=None):
    """What is paid, by instrument and by enterprise, in whole fen.

    :param unless_refused: answer for a mixture of laws that cannot be computed: it says nothing.
    """
    from openfisca_jining.analysis.budget import budget, to_fen_signed

    try:
        result = budget(population, system)
    except JiningError:
        if unless_refused is None:
            raise
        return None
    tables = [result.by(dimension)["paid"] for dimension in ("instrument", "enterprise")]
    return [dict(zip(paid.index, to_fen_signed(paid).tolist(), strict=True)) for paid in tables]


def _with_values_of(system, other, path: str):
    """A system with one parameter as it is in another."""
    values = find(other.parameters, path).values_list

    def modify(tree):
        find(tree, path).values_list = list(values)
        return tree

    class OneParameter(Reform):
        def apply(self) -> None:
            self.modify_parameters(modify)

    return OneParameter(system)


def _same(one: Parameter, other: Parameter) -> bool:
    days = {at.instant_str for at in (*one.values_list, *other.values_list)}
    return all(one.get_at_instant(day) == other.get_at_instant(day) for day in days)


# ----- words -----


def _words(value, unit: str) -> str:
    """A value with its unit, as a person would say it."""
    if value is None:
        return "没有值"
    if isinstance(value, str):
        return value
    if unit == written.SHARE:
        return f"{value * 100:.6g}%"
    return f"{value:,} {unit}".rstrip()


def _times(times: float) -> str:
    return f"{times:,.0f}" if times >= 100 else f"{times:.3g}"
