"""The same figures on every Python from 3.11 on, with the lowest and highest versions of what we depend on, and from wheel and sdist.

    python -m tests.proof.portability [--only 3.12 lowest]

Every environment is made anew. In each: the cases of all documents; money, house rules and budgets, except where only the package itself was installed
(wheel, sdist); and the ledger of the bundled table and of the made-up population, which must be the same in all. Exit status 1 if not, or if a Python is
not on this machine. Pythons are those on the PATH, behind pyenv's shims too.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import tomllib
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
PYTHONS = ("3.11", "3.12", "3.13")
CASES = ["national", "jining_2017", "yanzhou_2020", "zaozhuang_2020", "jining_2020", "shandong_2018", "reforms"]
TESTS = [f"tests/{name}" for name in CASES] + [
    "tests/test_money.py",
    "tests/test_house_rules.py",
    "tests/analysis/test_budget.py",
]
TOOLS = ["pytest", "hypothesis", "setuptools>=77", "wheel"]
PINS = str(ROOT / "requirements.txt")


@dataclass(frozen=True)
class Environment:
    """:ivar python: interpreter. :ivar wanted: what pip installs. :ivar editable: whether the source tree is installed, too, so that its tests run."""

    python: str
    wanted: list[str]
    editable: bool = True


def lowest() -> list[str]:
    """The lower bound of every direct dependency, as pins."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return [re.sub(r"\s*>=\s*([\d.]+).*", r"==\1", one) for one in stated]


def interpreters() -> dict[str, str]:
    """Version -> interpreter that works, of ``PYTHONS``. A shim of pyenv runs what ``PYENV_VERSION`` lets it choose from: all there are."""
    choice = os.environ | (
        {"PYENV_VERSION": ":".join(printed(["pyenv", "versions", "--bare"]).split())} if shutil.which("pyenv") else {}
    )
    found = {}
    for version in PYTHONS:
        for folder in os.get_exec_path():
            shown = printed(
                [str(Path(folder) / f"python{version}"), "-c", "import ensurepip, sys, venv; print(sys.executable)"],
                choice,
            )
            if shown and version not in found:
                found[version] = shown.strip()
    return found


def printed(command: list[str], environment: dict[str, str] | None = None) -> str:
    """What a command prints; nothing if it is not there or fails."""
    try:
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    except OSError:
        return ""
    return done.stdout if done.returncode == 0 else ""


def environments(dist: Path) -> dict[str, Environment]:
    """Name -> every environment that this machine can make. :param dist: folder for wheel and sdist, built here."""
    pythons = interpreters()
    found = {version: Environment(python, ["-r", PINS]) for version, python in pythons.items()}
    oldest, newest = pythons[min(pythons)], pythons[max(pythons)]
    found["lowest"] = Environment(oldest, [*lowest(), *TOOLS])
    build = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(dist), str(ROOT)]
    subprocess.run(build, check=True, capture_output=True)
    wheel, sdist = (str(next(dist.glob(pattern))) for pattern in ("*.whl", "*.tar.gz"))
    found["highest"] = Environment(newest, [wheel, *TOOLS])
    for name, package in (("wheel", wheel), ("sdist", sdist)):
        found[name] = Environment(oldest, [package, "pytest", "-c", PINS], editable=False)
    return found


def figures_of(environment: Environment, folder: Path) -> dict:
    """Make an environment, run the tests, and hash the ledgers. :raises CalledProcessError: it cannot be made."""
    subprocess.run([environment.python, "-m", "venv", str(folder)], check=True)
    own = str(folder / "bin" / "python")
    pip = [own, "-m", "pip", "install", "--quiet", "--no-compile", "--disable-pip-version-check"]
    subprocess.run([*pip, *environment.wanted], check=True)
    if environment.editable:
        subprocess.run([*pip, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], check=True)
        command, place = [own, "-m", "pytest", "-p", "no:cacheprovider", *TESTS], ROOT
    else:
        cases = [str(ROOT / "tests" / name) for name in CASES]
        command = [str(folder / "bin" / "openfisca"), "test", "--country-package", "openfisca_jining", *cases]
        place = folder
    variables = os.environ | {"PYTHONUTF8": "1"}
    tests = subprocess.run(command, cwd=place, env=variables, capture_output=True, text=True, check=False)
    digest = hashlib.sha256()
    for data in (str(ROOT / "openfisca_jining" / "population" / "example_2021.csv"), "--synthetic"):
        out = folder / "budget.json"
        command = [own, "-m", "openfisca_jining", "budget", data, "--out", str(out)]
        subprocess.run(command, check=True, cwd=folder, env=variables, capture_output=True)
        digest.update(json.dumps(json.loads(out.read_text(encoding="utf-8"))["ledger"], sort_keys=True).encode())
    shown = [own, "-c", "import openfisca_jining; print(openfisca_jining.__file__)"]
    source = Path(subprocess.run(shown, cwd=folder, capture_output=True, text=True, check=True).stdout.strip())
    listed = subprocess.run([*pip[:3], "list", "--format=json"], capture_output=True, text=True, check=True)
    versions = {one["name"].lower(): one["version"] for one in json.loads(listed.stdout)}
    passed = re.search(r"(\d+) passed", tests.stdout)
    if tests.returncode:
        print(tests.stdout[-3000:], tests.stderr[-3000:])
    return {
        "python": subprocess.run([own, "-V"], capture_output=True, text=True, check=True).stdout.split()[1],
        **{key: versions.get(key) for key in ("openfisca-core", "numpy", "pandas", "matplotlib")},
        "passed": int(passed[1]) if passed else 0,
        "failed": tests.returncode != 0 or source.is_relative_to(ROOT) != environment.editable,
        "ledger": digest.hexdigest()[:16],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    found = {}
    with tempfile.TemporaryDirectory() as dist:
        for name, environment in environments(Path(dist)).items():
            if not options.only or name in options.only:
                with tempfile.TemporaryDirectory() as folder:
                    found[name] = figures_of(environment, Path(folder) / "env")
                print(name, json.dumps(found[name]), flush=True)
    missing = [version for version in PYTHONS if version not in interpreters()]
    same = len({one["ledger"] for one in found.values()}) == 1
    print(json.dumps({"figures": {"environments": found, "same ledger": same, "Pythons not here": len(missing)}}))
    return 0 if same and not missing and not any(one["failed"] for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
