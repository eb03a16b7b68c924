"""The whole proof, and the page that shows it. Run by ``make proof``.

    python -m tests.proof                       every part, some hours on two cores
    python -m tests.proof --only oracle load    some parts; the others keep what their last run gave
    python -m tests.proof --page                the page only

Exit status 1 if a part fails.
"""

from __future__ import annotations

import argparse
import datetime
import signal
import subprocess
import sys
import time
from pathlib import Path

from tests.proof.page import ROOT, load, write
from tests.proof.parts import PARTS, Part


def main() -> int:
    """Run and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", nargs="*", choices=[part.name for part in PARTS], default=[])
    parser.add_argument("--page", action="store_true", help="write the page from the results that are there")
    options = parser.parse_args()
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # started with & it is ignored, and tests of Ctrl-C need it
    failed = []
    for part in [] if options.page else PARTS:
        if not options.only or part.name in options.only:
            result = run(part)
            write(load() | {part.name: result})
            print(
                f"{part.name}: exit status {result['status']}, {result['seconds']} s, {result['figures']}", flush=True
            )
            failed += [f"{part.name} ({log_of(part).relative_to(ROOT)})"] if result["status"] else []
    write(load())
    print(f"failed: {', '.join(failed) or 'none'}")
    return 1 if failed else 0


def run(part: Part) -> dict:
    """Run a part. :returns: day, commit, seconds, exit status and figures."""
    start = time.monotonic()
    command = [sys.executable, "-m", *part.command]
    answer = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8", errors="replace", check=False
    )
    log_of(part).parent.mkdir(parents=True, exist_ok=True)
    log_of(part).write_text(answer.stdout + answer.stderr, encoding="utf-8")
    return {
        "day": datetime.datetime.now(tz=datetime.UTC).date().isoformat(),
        "commit": subprocess.run(
            ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False
        ).stdout.strip(),
        "seconds": round(time.monotonic() - start),
        "status": answer.returncode,
        "figures": part.figures(answer.stdout + answer.stderr),
    }


def log_of(part: Part) -> Path:
    """Where all that a part printed is kept."""
    return ROOT / "out" / "proof" / f"{part.name}.log"


if __name__ == "__main__":
    sys.exit(main())
