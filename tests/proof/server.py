"""OpenFisca's web API with this package on a free port of this machine, for as long as a ``with`` lasts."""

from __future__ import annotations

import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path

STARTS_WITHIN = 120


def free_port() -> int:
    """A port of the loopback address that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextlib.contextmanager
def served(workers: int = 2) -> Iterator[str]:
    """Serve. Yields the address. :raises RuntimeError: it did not start in time."""
    address = f"127.0.0.1:{free_port()}"
    command = [str(Path(sys.executable).with_name("openfisca")), "serve", "--country-package", "openfisca_jining"]
    command += ["--bind", address, "--workers", str(workers), "--timeout", "120"]
    with subprocess.Popen(
        command, env=os.environ | {"PYTHONUTF8": "1"}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as server:
        try:
            wait_for(f"http://{address}/entities", server)
            yield f"http://{address}"
        finally:
            server.terminate()


def wait_for(address: str, server: subprocess.Popen) -> None:
    """Until the address answers. :raises RuntimeError: it does not."""
    until = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < until and server.poll() is None:
        with contextlib.suppress(urllib.error.URLError, ConnectionError):
            urllib.request.urlopen(address, timeout=10).close()
            return
        time.sleep(0.5)
    raise RuntimeError(f"{address} did not answer within {STARTS_WITHIN} s")
