"""The same figures on every Python that this machine has from 3.11 on, and with the lowest and highest versions of what we depend on.

    python -m tests.proof.portability [--only 3.12 lowest]

Every environment is made anew. In each: the cases of all documents, money, house rules and budgets; and the ledger of the bundled table and of the
made-up population, which must be the same in all. Exit status 1 if not.
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


def lowest() -> list[str]:
    """The lower bound of every direct dependency, as pins."""
    stated = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["dependencies"]
    return [re.sub(r"\s*>=\s*([\d.]+).*", r"==\1", one) for one in stated]


def environments() -> dict[str, tuple[str, list[str]]]:
    """Name -> (interpreter, what to install) of every environment that this machine can make."""
    found = {}
    for version in PYTHONS:
        python = shutil.which(f"python{version}")
        works = (
            python and subprocess.run([python, "-c", "import venv"], capture_output=True, check=False).returncode == 0
        )
        if works:
            found[version] = (str(python), ["-r", str(ROOT / "requirements.txt")])
    oldest, newest = (found[min(found)][0], found[max(found)][0])
    found["lowest"] = (oldest, [*lowest(), *TOOLS])
    found["highest"] = (newest, [str(ROOT), *TOOLS])
    return found


def figures_of(name: str, python: str, wanted: list[str], folder: Path) -> dict:
    """Make an environment, run the tests, and hash the ledgers. :raises CalledProcessError: it cannot be made."""
    subprocess.run([python, "-m", "venv", str(folder)], check=True)
    own = str(folder / "bin" / "python")
    pip = [own, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, *wanted], check=True)
    subprocess.run([*pip, "--no-build-isolation", "--no-deps", "-e", str(ROOT)], check=True)
    environment = os.environ | {"PYTHONUTF8": "1"}
    tests = subprocess.run(
        [own, "-m", "pytest", "-p", "no:cacheprovider", *TESTS],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
    )  # fmt: skip
    digest = hashlib.sha256()
    for data in (str(ROOT / "openfisca_jining" / "population" / "example_2021.csv"), "--synthetic"):
        out = folder / "budget.json"
        command = [own, "-m", "openfisca_jining", "budget", data, "--out", str(out)]
        subprocess.run(command, check=True, cwd=folder, env=environment, capture_output=True)
        digest.update(json.dumps(json.loads(out.read_text(encoding="utf-8"))["ledger"], sort_keys=True).encode())
    listed = subprocess.run([*pip[:3], "list", "--format=json"], capture_output=True, text=True, check=True)
    versions = {one["name"].lower(): one["version"] for one in json.loads(listed.stdout)}
    passed = re.search(r"(\d+) passed", tests.stdout)
    if tests.returncode:
        print(tests.stdout[-3000:])
    return {
        "python": subprocess.run([own, "-V"], capture_output=True, text=True, check=True).stdout.split()[1],
        **{key: versions.get(key) for key in ("openfisca-core", "numpy", "pandas", "matplotlib")},
        "passed": int(passed[1]) if passed else 0,
        "failed": tests.returncode != 0,
        "ledger": digest.hexdigest()[:16],
    }


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", default=[])
    options = parser.parse_args()
    found = {}
    for name, (python, wanted) in environments().items():
        if not options.only or name in options.only:
            with tempfile.TemporaryDirectory() as folder:
                found[name] = figures_of(name, python, wanted, Path(folder) / "env")
            print(name, json.dumps(found[name]), flush=True)
    same = len({one["ledger"] for one in found.values()}) == 1
    print(json.dumps({"figures": {"environments": found, "same ledger": same}}))
    return 0 if same and not any(one["failed"] for one in found.values()) else 1


if __name__ == "__main__":
    sys.exit(main())
