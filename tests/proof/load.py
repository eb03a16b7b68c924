"""Concurrent clients of the web API: every answer must be the one that the same request gets when it is asked alone.

    python -m tests.proof.load --seconds 120 --clients 8

Right and wrong requests are mixed. Exit status 1 if an answer is wrong, lost, or a failure of the server's own.
"""

from __future__ import annotations

import argparse
import http.client
import json
import random
import sys
import threading
import time
from pathlib import Path
from urllib.parse import urlsplit

from tests.proof.server import served

ROOT = Path(__file__).parent.parent.parent
COUNTIES = {"yanzhou": "yanzhou_2020_equipment__paid", "tengzhou": "zaozhuang_2020_equipment__paid"}
HEADERS = {"Content-Type": "application/json"}


def requests(dice: random.Random, number: int) -> list[bytes]:
    """Situations of one project each with amounts of their own, some of them wrong, and the bundled examples."""
    bodies = [path.read_bytes() for path in sorted((ROOT / "situation_examples").glob("*.json"))]
    for place in range(number):
        county = dice.choice(sorted(COUNTIES))
        amount = dice.choice(
            [round(dice.uniform(1e6, 9e7), 2), round(dice.uniform(1e6, 9e7), 2), -1.0, "１２００", None]
        )
        project = {"equipment_investment": {"2021": amount}, COUNTIES[county]: {"2021": None}}
        firm = {"projects": [f"p{place}"], "county": {"2021": county}, "yield_per_mu_class": {"2021": "B"}}
        bodies.append(json.dumps({"projects": {f"p{place}": project}, "enterprises": {f"e{place}": firm}}).encode())
    return bodies


class Client(threading.Thread):
    """Asks one thing after the other and keeps what came back otherwise than expected."""

    def __init__(self, address: str, expected: dict[bytes, tuple], until: float, seed: int) -> None:
        super().__init__()
        self.address, self.expected, self.until, self.dice = address, expected, until, random.Random(seed)
        self.seconds: list[float] = []
        self.wrong: list[str] = []

    def run(self) -> None:
        """Ask until the time is over."""
        bodies = list(self.expected)
        while time.monotonic() < self.until:
            body = self.dice.choice(bodies)
            start = time.perf_counter()
            try:
                answer = ask(self.address, body)
            except OSError as error:
                self.wrong.append(f"lost: {error}")
                continue
            self.seconds.append(time.perf_counter() - start)
            if answer != self.expected[body]:
                self.wrong.append(f"{answer[0]} instead of {self.expected[body][0]}: {body[:200]!r}")


def ask(address: str, body: bytes) -> tuple[int, object]:
    """Status and decoded answer of /calculate."""
    connection = http.client.HTTPConnection(urlsplit(address).netloc, timeout=60)
    try:
        connection.request("POST", "/calculate", body, HEADERS)
        answer = connection.getresponse()
        return answer.status, json.loads(answer.read())
    finally:
        connection.close()


def main() -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=float, default=120)
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--requests", type=int, default=60, help="different requests")
    options = parser.parse_args()
    with served() as address:
        expected = {body: ask(address, body) for body in requests(random.Random(1), options.requests)}
        until = time.monotonic() + options.seconds
        clients = [Client(address, expected, until, seed) for seed in range(options.clients)]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
    failures = [body for body, (status, _) in expected.items() if status >= 500]
    wrong = [line for client in clients for line in client.wrong]
    seconds = sorted(second for client in clients for second in client.seconds)
    print("\n".join([*wrong[:10], *map(repr, failures[:10])]))
    figures = {
        "clients": options.clients,
        "seconds": options.seconds,
        "different requests": len(expected),
        "answers": len(seconds),
        "wrong or lost": len(wrong),
        "5xx": len(failures),
        "95 of 100 within, ms": round(seconds[int(0.95 * len(seconds))] * 1000) if seconds else None,
    }
    print(json.dumps({"figures": figures}))
    return 1 if wrong or failures or not seconds else 0


if __name__ == "__main__":
    sys.exit(main())
