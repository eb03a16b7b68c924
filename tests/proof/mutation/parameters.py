"""Mutants of ``parameters/``: every value up and down by the smallest step that means something, every date a day earlier and
later, every dated entry left out, every reading another one, every unstated quantity given a number, every comparison turned.

Left out by rule, because nothing can depend on it: labels, descriptions, references, reasons, settled_by, clause numbers,
``period`` and ``unit`` (the tests hold that they are there), marks of provenance, and the days 1900-01-01 and 9999-12-31, which stand for "always" and
"never".
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import yaml

from .mutant import ROOT, Mutant, numbered

ALWAYS, NEVER = "1900-01-01", "9999-12-31"
#: Smallest step of a value that means something: a fen; a share that moves 100,000 yuan by a fen; one of what is counted.
STEPS = {"元": Decimal("0.01"), "/1": Decimal("0.0000001")}
COMPARISONS = {"at_least": "more_than", "more_than": "at_least", "at_most": "less_than", "less_than": "at_most"}
#: What is said of a parameter and decides nothing.
SAID = {
    "label", "reference", "description", "documentation", "clause", "period", "unit", "reason", "settled_by",
    "outside_documents", "unverified",
}  # fmt: skip


def mutants(left_out: Counter[str]) -> list[Mutant]:
    """All mutants of the parameters. :param left_out: counts what each rule leaves out."""
    return numbered(one for path in sorted((ROOT / "parameters").rglob("*.yaml")) for one in of_file(path, left_out))


def of_file(path, left_out) -> Iterator[Mutant]:
    """The mutants of one file."""
    text = path.read_text(encoding="utf-8")
    file = str(path.relative_to(ROOT))
    prefix = ".".join(path.relative_to(ROOT / "parameters").with_suffix("").parts)
    lines = text.splitlines(keepends=True)

    def edit(start, end, new):
        return text[:start] + new + text[end:]

    def scalar(node, name, new, reads=prefix):
        start, end = node.start_mark, node.end_mark
        what = f"{name}: {text[start.index : end.index]} -> {new}"
        return Mutant(file, start.line + 1, what, reads, lambda: edit(start.index, end.index, new))

    def walk(node, name):
        pairs = {key.value: (key, value) for key, value in node.value}
        metadata = {key.value: value for key, value in pairs["metadata"][1].value} if "metadata" in pairs else {}
        for key, value in metadata.items():
            yield from of_metadata(key, value, name)
        for key, (_, value) in pairs.items():
            if key in ("metadata", *SAID):
                left_out["labels, texts, references, units"] += key != "metadata"
            elif key == "values":
                yield from of_values(value, name, metadata)
            elif isinstance(value, yaml.MappingNode):
                yield from walk(value, f"{name}.{key}")

    def of_metadata(key, value, name):
        if key == "comparison" and value.value in COMPARISONS:
            yield scalar(value, f"{name} comparison", COMPARISONS[value.value], name)
        elif key == "comparison":
            yield scalar(value, f"{name} comparison", "at_least", name)
        elif key == "unstated":
            yield scalar(value, f"{name} unstated", "false", name)
        elif key == "reading":  # 日期按哪一读法
            yield scalar(value, f"{name} reading", "common.readings.rounding", name)
        elif key == "readings":
            for word, words in value.value:
                yield scalar(word, f"{name} known reading", f"{word.value}_x", name)
                left_out["labels, texts, references, units"] += words.value != ""
        else:
            left_out["labels, texts, references, units"] += 1

    def of_values(node, name, metadata):
        for day, value in node.value:
            at = f"{name} at {day.value}"
            if value.value == NEVER:
                left_out['end 9999-12-31 ("never")'] += 2
            for new in () if value.value == NEVER else other_values(value, metadata):
                yield scalar(value, at, new, name)
            if day.value == ALWAYS:
                left_out['start 1900-01-01 ("always")'] += 2
            else:
                for days in (-1, 1):
                    yield scalar(day, f"{name} from", str(date.fromisoformat(day.value) + timedelta(days)), name)
            first, last = day.start_mark.line, day.start_mark.line + 1
            rest = [*lines[:first], *lines[last:]]
            if len(node.value) == 1:
                rest = [
                    *lines[:first],
                    " " * day.start_mark.column + "9999-12-31" + lines[first].partition(day.value)[2],
                ]
                rest += lines[last:]
            yield Mutant(file, first + 1, f"{at}: left out", name, lambda rest=rest: "".join(rest))

    yield from walk(yaml.compose(text), prefix)


def other_values(node, metadata) -> Iterator[str]:
    """The values that take the place of one value."""
    unit, value = metadata["unit"].value, node.value
    if unit == "reading":
        known = [word.value for word, _ in metadata["readings"].value]
        yield from (word for word in known if word != value)
    elif node.tag.endswith(":null"):
        yield "0.5" if unit == "/1" else "1"
    elif unit == "date":
        for days in (-1, 1):
            yield f'"{date.fromisoformat(value) + timedelta(days)}"'
    else:
        step = STEPS.get(unit, Decimal(1))
        for sign in (1, -1):
            yield f"{Decimal(value) + sign * step:f}"
