"""The YAML cases run in this process, against the law with one altered file, and what each case reads of the law."""

from __future__ import annotations

import copy
import functools
import hashlib
import importlib.machinery
import inspect
import io
import os
import re
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from openfisca_core.parameters import ParameterNode
from openfisca_core.parameters import helpers as parameter_helpers
from openfisca_core.reforms import Reform
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.tools import test_runner

from openfisca_jining import VARIABLES, CountryTaxBenefitSystem

from .mutant import ROOT, Mutant

PACKAGE = "openfisca_jining.variables."


@dataclass
class Case:
    """One YAML case. :ivar seconds: what it takes. :ivar lines: lines of ``variables/`` that it runs, by file.
    :ivar names: parameters it reads and variables it computes."""

    path: Path
    stated: dict
    seconds: float = 0.0
    lines: dict[str, set[int]] = field(default_factory=dict)
    names: set[str] = field(default_factory=set)

    @functools.cached_property
    def digest(self) -> str:
        """Digest of what it says, and the name of its file."""
        return hashlib.sha256(repr((self.path.name, self.stated)).encode()).hexdigest()[:16]


class Item(test_runner.YamlItem):
    """A case as Core's runner runs it, outside a pytest session."""

    def runtest(self) -> None:
        """See Core. Under a tracer if ``traced``."""
        super().runtest()

    def check_output(self) -> None:
        """See Core."""
        self.simulation.trace = self.traced
        super().check_output()


def run_case(system, case: Case, traced: bool = False) -> Item:
    """Run one case. :raises Exception: it fails."""
    item = object.__new__(Item)
    item.__dict__.update(
        baseline_tax_benefit_system=system,
        options={},
        test=test_runner.build_test(copy.deepcopy(case.stated)),
        path=case.path,
        simulation=None,
        traced=traced,
    )
    item.runtest()
    return item


def lines_run(work: Callable[[], object]) -> tuple[Any, dict[str, set[int]]]:
    """What a function returns, and the lines of ``variables/`` that it runs, by file; nothing is remembered from earlier runs."""
    for name, module in list(sys.modules.items()):
        for one in list(vars(module).values()) if name.startswith(PACKAGE) else ():
            if hasattr(one, "cache_clear"):
                one.cache_clear()
    folder = f"{os.path.realpath(ROOT / 'variables')}/"
    kept: dict[str, str] = {}
    lines: dict[str, set[int]] = {}

    def local(frame, event, _):
        if event == "line":
            lines[kept[frame.f_code.co_filename]].add(frame.f_lineno)
        return local

    def trace(frame, event, _):
        name = frame.f_code.co_filename
        if name not in kept:
            real = os.path.realpath(name)
            kept[name] = f"variables/{real.removeprefix(folder)}" if real.startswith(folder) else ""
        if not kept[name]:
            return None
        lines.setdefault(kept[name], set()).add(frame.f_lineno)
        return local

    sys.settrace(trace)
    try:
        return work(), lines
    finally:
        sys.settrace(None)


def read_cases() -> list[Case]:
    """All YAML cases of ``tests/``."""
    return [
        Case(path, stated)
        for path in sorted((ROOT / "tests").rglob("*.yaml"))
        for stated in yaml.load(path.read_text(encoding="utf-8"), Loader=test_runner.Loader)
    ]


# ----- reforms without copies of the whole law -----


def path_copied(tree: ParameterNode, paths) -> ParameterNode:
    """A tree in which the given parameters can be changed; everything else is shared with the given one."""
    root = copy.copy(tree)
    root.children = dict(tree.children)
    ours = {"": root}
    for path in paths:
        parts = path.split(".")
        for depth, key in enumerate(parts):
            here, parent = ".".join(parts[: depth + 1]), ours[".".join(parts[:depth])]
            if here in ours or key not in parent.children:
                continue
            child = parent.children[key]
            new = child.clone() if depth == len(parts) - 1 else copy.copy(child)
            if isinstance(child, ParameterNode) and depth < len(parts) - 1:
                new.children = dict(child.children)
                ours[here] = new
            put(parent, key, new)
    return root


def put(parent: ParameterNode, key: str, child) -> None:
    """Set a child of a node."""
    parent.children[key] = child
    setattr(parent, key, child)


_core_modify_parameters = Reform.modify_parameters


def modify_parameters(self, modifier_function) -> None:
    """Core's ``modify_parameters`` for what ``law.changing`` makes, copying only what is changed."""
    changes = getattr(modifier_function, "keywords", {}).get("changes")
    if changes is None:
        _core_modify_parameters(self, modifier_function)
        return
    self.parameters = modifier_function(path_copied(self.baseline.parameters, [path for path, *_ in changes]))
    self._parameters_at_instant_cache = {}


def quicker() -> None:
    """Spare the copies that Core makes of the law for each case: no case changes the law it is given."""
    Reform.modify_parameters = modify_parameters
    TaxBenefitSystem.clone = lambda self: self


# ----- the law with one altered file -----


class Formulas:
    """Which file of ``variables/`` defines and imports what. :param system: the law as it stands."""

    def __init__(self, system) -> None:
        self.files = {str(path.relative_to(ROOT)): path for path in sorted((ROOT / "variables").rglob("*.py"))}
        self.names: dict[str, list[str]] = {file: [] for file in self.files}
        for name, variable in system.variables.items():
            file = os.path.realpath(inspect.getfile(type(variable)))
            self.names[str(Path(file).relative_to(ROOT))].append(name)
        self.imports = {
            file: {
                f"variables/{stem.replace('.', '/')}.py"
                for stem in re.findall(rf"from {re.escape(PACKAGE)}([\w.]+) import", path.read_text(encoding="utf-8"))
            }
            for file, path in self.files.items()
        }

    def after(self, file: str) -> list[str]:
        """A file and all that import it, directly or not."""
        found = {file}
        while more := {one for one, imports in self.imports.items() if imports & found} - found:
            found |= more
        return sorted(found)

    def alter(self, system, file: str, text: str) -> None:
        """Load a file as altered, and what imports it, into a system. :raises Exception: it does not load."""
        code = compile(text, file, "exec")
        core = importlib.machinery.SourceFileLoader.get_code
        path = os.path.realpath(ROOT / file)
        importlib.machinery.SourceFileLoader.get_code = lambda self, name: (
            code if os.path.realpath(self.path) == path else core(self, name)
        )
        again = self.after(file)
        for one in again:
            name = PACKAGE + one.removeprefix("variables/").removesuffix(".py").replace("/", ".")
            folder, _, leaf = name.rpartition(".")
            sys.modules.pop(name, None)
            if hasattr(sys.modules.get(folder), leaf):  # 「from 文件夹 import 模块」取的是它
                delattr(sys.modules[folder], leaf)
        for name in [name for name in sys.modules if name.startswith("openfisca_jining.reforms.")]:
            del sys.modules[name]
        for one in again:
            for name in self.names[one]:
                del system.variables[name]
            system.add_variables_from_file(str(VARIABLES / one.removeprefix("variables/")))


def alter_parameters(system, file: str, text: str) -> None:
    """Load one file of ``parameters/`` as altered into a system. :raises Exception: it does not load."""
    parts = file.removeprefix("parameters/").removesuffix(".yaml").split("/")
    parameter_helpers.open = lambda *_: io.StringIO(text)
    node = parameter_helpers.load_parameter_file(str(ROOT / file), ".".join(parts))
    parent = system.parameters = path_copied(system.parameters, [".".join(parts)])
    for part in parts[:-1]:
        parent = parent.children[part]
    put(parent, parts[-1], node)


class Cases:
    """The law as it stands and its cases, warmed up in this process; mutants are tried in forks of it."""

    def __init__(self) -> None:
        quicker()
        self.cases = read_cases()
        self.learned = False
        self.readers: dict[str, list[Case]] = {}
        self.system = CountryTaxBenefitSystem()
        self.formulas = Formulas(self.system)

    def learn(self, case: Case) -> None:
        """Run a case on the law as it stands and note what it reads. :raises Exception: it fails."""
        began = time.process_time()
        item, case.lines = lines_run(lambda: run_case(self.system, case, traced=True))
        case.seconds = time.process_time() - began
        queue = list(item.simulation.tracer.trees)
        while queue:
            node = queue.pop()
            case.names.add(node.name)
            case.names |= {one.name for one in node.parameters}
            queue += node.children

    def know(self) -> None:
        """Note which cases read each parameter and compute each variable."""
        for case in self.cases:
            for name in case.names:
                self.readers.setdefault(name, []).append(case)
        self.learned = True

    def concerned(self, mutant: Mutant) -> list[Case]:
        """Cases that read what a mutant alters, those most likely to notice first."""
        if mutant.reads:
            names = [name for name in self.readers if f"{name}.".startswith(f"{mutant.reads}.")]
            found = [case for name in names for case in self.readers[name]]
            found = list({id(case): case for case in found}.values())
        else:
            found = [case for case in self.cases if mutant.line in case.lines.get(mutant.file, ())]
            if not found:  # 写在类里，不在公式里
                found = self.readers.get(mutant.what.split(" ")[0].split(".")[0], [])
        own = mutant.file.partition("/")[2].rpartition(".")[0]
        if not self.learned:  # 抽样时不先问各用例读了什么
            found = self.cases

        def order(case):
            file = str(case.path.relative_to(ROOT / "tests").with_suffix(""))
            return file != own, own.partition("/")[0] != file.partition("/")[0], case.seconds

        return sorted(found, key=order)

    def alter(self, mutant: Mutant) -> None:
        """Make this process's law the mutant's. :raises Exception: it does not load."""
        test_runner._tax_benefit_system_cache.clear()
        TaxBenefitSystem.get_parameters_at_instant.cache_clear()
        for name in ("_kept", "_parameters_at_instant_cache"):
            self.system.__dict__.pop(name, None)
        self.system._parameters_at_instant_cache = {}
        if mutant.reads:
            alter_parameters(self.system, mutant.file, mutant.altered())
        else:
            self.formulas.alter(self.system, mutant.file, mutant.altered())
