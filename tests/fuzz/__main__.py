"""Fuzz one target after another: ``python tests/fuzz --seconds 60 [TARGET ...]``. Exit status 1 if any of them fails.

Each target runs in a process of its own under atheris (libFuzzer), which is told which lines of the package ran. What fails is kept
as ``out/fuzz/<target>/crash-*`` and belongs into ``tests/badinput/`` once it is mended.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import random
import re
import subprocess
import sys
import tempfile
from pathlib import Path

import atheris

sys.path.insert(0, str(Path(__file__).parent))
watched = atheris.instrument_imports(include=["openfisca_jining"]) if "--here" in sys.argv else contextlib.nullcontext()
with watched:
    import targets

OUT = Path("out/fuzz")
LIMITS = ["-timeout=30", "-rss_limit_mb=3000", "-print_final_stats=1", "-max_len=20000"]


def mutate_archive(data: bytes, size: int, seed: int) -> bytes:
    """A workbook with the text of one part mutated, or its bytes where that cannot be."""
    pick = random.Random(seed)

    def change(parts):
        name = pick.choice(sorted(parts))
        return name, atheris.Mutate(parts[name], len(parts[name]) + 200)

    if pick.random() < 0.8:
        with contextlib.suppress(Exception):
            changed = targets.repacked(data, change)
            if len(changed) <= size:
                return changed
    return atheris.Mutate(data, size)


def run_one(name: str, seconds: int) -> None:
    """Fuzz in this process, which libFuzzer ends."""
    corpus = OUT / name / "corpus"
    corpus.mkdir(parents=True, exist_ok=True)
    for number, seed in enumerate(targets.seeds(name)):
        (corpus / f"seed-{number}").write_bytes(seed)
    arguments = [sys.argv[0], str(corpus), f"-max_total_time={seconds}", f"-artifact_prefix={OUT / name}/", *LIMITS]
    check = targets.TARGETS[name]

    def quiet(data: bytes) -> None:
        # a real file: some ask for its number
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stderr(nowhere):
            check(data)

    mutator = {"custom_mutator": mutate_archive} if name == "workbook_bytes" else {}
    atheris.Setup(arguments, quiet, **mutator)
    atheris.Fuzz()


def main() -> int:
    """Run the targets asked for, and say how many inputs each ran and how many places of the package they reached."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("targets", nargs="*", default=list(targets.TARGETS))
    parser.add_argument("--seconds", type=int, default=60, help="for each target")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        run_one(options.targets[0], options.seconds)
        return 0
    failed = []
    memory = "/dev/shm" if Path("/dev/shm").is_dir() else None
    for name in options.targets:
        command = [sys.executable, __file__, name, "--seconds", str(options.seconds), "--here"]
        with tempfile.TemporaryDirectory(dir=memory) as folder:
            place = os.environ | {"TMPDIR": folder}
            done = subprocess.run(
                command, capture_output=True, text=True, encoding="utf-8", errors="replace", env=place
            )
        ran = re.findall(r"number_of_executed_units: (\d+)", done.stderr) or ["0"]
        reached = re.findall(r"cov: (\d+)", done.stderr) or ["0"]
        print(f"{name}: {ran[-1]} runs, {reached[-1]} places, {'ok' if done.returncode == 0 else 'FAILED'}", flush=True)
        if done.returncode:
            failed.append(name)
            log = OUT / name / "log.txt"
            log.write_text(done.stderr + done.stdout, encoding="utf-8")
            print(done.stderr[-3000:], f"\nsee {log}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
