"""schemathesis against the web API's own /spec: no failure of the server's own, every answer as the specification says.

    python -m tests.proof.api --examples 500

Exit status is that of schemathesis.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from pathlib import Path

from tests.proof.server import served

CHECKS = "not_a_server_error,content_type_conformance"


def main() -> int:
    """Run and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--examples", type=int, default=500, help="requests for each operation and phase")
    options = parser.parse_args()
    with served() as address:
        command = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{address}/spec", "--checks", CHECKS]
        command += ["--max-examples", str(options.examples), "--seed", "1", "--no-color", "--continue-on-failure"]
        answer = subprocess.run(command, capture_output=True, text=True, check=False)
    print(answer.stdout[-6000:], answer.stderr[-2000:])
    found = re.search(r"([\d,]+) generated", answer.stdout)
    figures = {
        "operations": int((re.search(r"Operations:\s+(\d+) selected", answer.stdout) or [0, 0])[1]),
        "requests": int(found[1].replace(",", "")) if found else None,
        "exit status": answer.returncode,
    }
    print(json.dumps({"figures": figures}))
    return answer.returncode


if __name__ == "__main__":
    sys.exit(main())
