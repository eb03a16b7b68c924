"""Mutants of ``variables/``, made with the operators of Cosmic Ray and four of our own for what it does not know: names of
readings and of Enum members, parts of a conjunction, largest and smallest.

Left out by rule, counted by :func:`mutants`: what only raises (an operator of another kind, ``is`` between arrays, ``zip`` that
does not check lengths) and what has no meaning (the alphabetical order of the names of readings and Enum members, types).
"""

from __future__ import annotations

import ast
from abc import abstractmethod
from collections import Counter
from collections.abc import Iterator

import parso
from cosmic_ray.ast import ast_nodes, get_ast
from cosmic_ray.operators.operator import Operator
from cosmic_ray.plugins import OPERATOR_PROVIDERS

from openfisca_jining import classifications

from .mutant import ROOT, Mutant, numbered

CORE = OPERATOR_PROVIDERS["core"]
#: Operators that take each other's place.
KINDS = ({"Add", "Sub", "Mul", "Div", "FloorDiv", "Mod"}, {"BitAnd", "BitOr", "BitXor"})
IDENTITY = {"Is", "IsNot"}
ORDER = {"Lt", "LtE", "Gt", "GtE"}
FOREIGN, ARRAYS, NAMES = "operator of another kind", "identity of arrays", "order of names"
TYPES, LENGTHS = "types in signatures", "check that lengths are equal"
SWAPPED = {"maximum": "minimum", "minimum": "maximum", "any": "all", "all": "any", "max": "min", "min": "max"}


class Own(Operator):
    """An operator of our own: it puts other code in the place of a node."""

    @abstractmethod
    def others(self, node) -> list[str]:
        """Code that may take the node's place."""

    def mutation_positions(self, node):
        """See Cosmic Ray."""
        for _ in self.others(node):
            yield node.start_pos, node.end_pos

    def mutate(self, node, index):
        """See Cosmic Ray."""
        return parso.parse(node.get_first_leaf().prefix + self.others(node)[index])

    @classmethod
    def examples(cls):
        """See Cosmic Ray."""
        return ()


class OtherReading(Own):
    """A text that something is compared with becomes one that nothing equals."""

    def others(self, node):
        """See :class:`Own`."""
        if node.type != "string" or "\n" in node.value:
            return []
        up = node.parent
        while up is not None and up.type in ("atom", "testlist_comp"):
            up = up.parent
        return ['"?"'] if up is not None and up.type == "comparison" else []


class OtherMember(Own):
    """A member of an Enum becomes another of it."""

    def others(self, node):
        """See :class:`Own`."""
        before, dot = node.get_previous_sibling(), node.parent
        if node.type != "trailer" or before is None or before.type != "name" or dot.type != "atom_expr":
            return []
        members = getattr(getattr(classifications, before.value, None), "__members__", {})
        name = node.get_code(include_prefix=False)[1:]
        return [f".{other}" for other in members if other != name][:2] if name in members else []


class LessWithout(Own):
    """``a & b`` and ``a | b`` become ``a`` and ``b``, ``a and b`` likewise."""

    def others(self, node):
        """See :class:`Own`."""
        if node.type not in ("and_expr", "expr", "and_test", "or_test"):
            return []
        parts, words = node.children[0::2], node.children[1].get_code(include_prefix=False)
        code = [one.get_code(include_prefix=False) for one in parts]
        return ["(" + f" {words} ".join(code[:n] + code[n + 1 :]) + ")" for n in range(len(code))]


class OtherEnd(Own):
    """Largest and smallest, any and all change places."""

    def others(self, node):
        """See :class:`Own`."""
        if node.type != "name" or node.value not in SWAPPED:
            return []
        following = node.get_next_leaf()
        return [SWAPPED[node.value]] if following is not None and following.value == "(" else []


OWN = {one.__name__: one for one in (OtherReading, OtherMember, LessWithout, OtherEnd)}


#: Types of the nodes that the many operators of Cosmic Ray look at.
LOOKS_AT = {"ReplaceComparisonOperator": "comparison", "ReplaceBinaryOperator": "operator"}


def operators() -> dict[str, type[Operator]]:
    """Name -> class of every operator that needs no arguments."""
    core = {name: CORE[name] for name in CORE if not CORE[name].arguments()}
    return {**core, **OWN}


def mutants(left_out: Counter[str]) -> list[Mutant]:
    """All mutants of the formulas. :param left_out: counts what each rule leaves out."""
    return numbered(one for path in sorted((ROOT / "variables").rglob("*.py")) for one in of_file(path, left_out))


def of_file(path, left_out) -> Iterator[Mutant]:
    """The mutants of one file, in the order of its lines."""
    text, file = path.read_text(encoding="utf-8"), str(path.relative_to(ROOT))
    lines, scopes = text.splitlines(keepends=True), scopes_of(text)
    starts = [0]
    for line in lines:
        starts.append(starts[-1] + len(line))
    nodes = list(ast_nodes(get_ast(text)))
    found = []
    for name, operator in operators().items():
        kind = LOOKS_AT.get(name.partition("_")[0])
        for node in nodes:
            if kind and node.type != kind:
                continue
            for index, (start, end) in enumerate(operator().mutation_positions(node)):
                rule = rule_against(name, node)
                if rule:
                    left_out[rule] += 1
                    continue
                line = lines[start[0] - 1]
                words = f"{scopes.get(start[0], 'module')} `{line.strip()}`: {name}"
                words += f" at {line[start[1] : end[1] if end[0] == start[0] else None].strip()[:40]}"
                first, last = node.get_start_pos_of_prefix(), node.end_pos
                new = mutated(operator(), node, index)
                before, after = text[: starts[first[0] - 1] + first[1]], text[starts[last[0] - 1] + last[1] :]
                found.append(Mutant(file, start[0], words, "", lambda b=before, n=new, a=after: b + n + a))
    yield from sorted(found, key=lambda one: one.line)


def mutated(operator: Operator, node, index: int) -> str:
    """Code of a mutated node; the tree stays as it was (Cosmic Ray's operators change a node, or its first leaf, in place)."""
    children = list(getattr(node, "children", ()))
    values = [(one, one.value) for one in (node, *children) if hasattr(one, "value")]
    new = operator.mutate(node, index)
    code = "" if new is None else new.get_code()
    if children:
        node.children = children
    for one, value in values:
        one.value = value
    return code


def rule_against(name: str, node) -> str:
    """The rule that leaves a mutant out, or ""."""
    parts = name.split("_")
    if in_annotation(node):
        return TYPES
    if node.parent is not None and node.parent.get_code(include_prefix=False) == "strict=True":
        return LENGTHS
    if parts[0] == "ReplaceBinaryOperator":
        return "" if any({parts[1], parts[2]} <= kind for kind in KINDS) else FOREIGN
    if parts[0] == "ReplaceUnaryOperator":
        return "" if parts[1] == "Delete" or parts[2] == "Delete" else FOREIGN
    if parts[0] == "ReplaceComparisonOperator":
        if (IDENTITY & {parts[1]}) != (IDENTITY & {parts[2]}) and len(IDENTITY & {parts[1], parts[2]}) == 1:
            return ARRAYS
        if ORDER & {parts[2]} and any(is_name_of_law(one) for one in node.children[0::2]):
            return NAMES
    return ""


def in_annotation(node) -> bool:
    """Whether a node is part of the type of an argument, a result or a name."""
    while (parent := node.parent) is not None:
        before = node.get_previous_sibling()
        if (
            parent.type in ("tfpdef", "annassign", "funcdef")
            and before is not None
            and before.get_code().strip() in (":", "->")
        ):
            return node.type != "suite"
        node = parent
    return False


def is_name_of_law(node) -> bool:
    """A text, or a member of an Enum."""
    if node.type == "string":
        return True
    return node.type == "atom_expr" and hasattr(
        getattr(classifications, node.children[0].get_code().strip(), None), "__members__"
    )


def scopes_of(text: str) -> dict[int, str]:
    """Line -> name of the innermost class or function it is in."""
    result: dict[int, str] = {}

    def walk(node, name):
        for child in ast.iter_child_nodes(node):
            inner = name
            if isinstance(child, (ast.ClassDef, ast.FunctionDef)):
                inner = f"{name}.{child.name}" if name else child.name
                result.update(dict.fromkeys(range(child.lineno, (child.end_lineno or 0) + 1), inner))
            walk(child, inner)

    walk(ast.parse(text), "")
    return result
