"""The command ``openfisca-jining``, outside of the package so that Ctrl-C is answered while the package is still being loaded."""

import os
import signal
import sys


def main() -> int:
    """Run the command line. :returns: exit status (see ``openfisca_jining.cli``); 130 or 143 if told to end."""
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _leave)
    from openfisca_jining.cli import main as run

    signal.signal(signal.SIGTERM, _end)
    return run()


def _leave(number, frame) -> None:
    """End at once: nothing has been begun. (Libraries that meet an exception while they load make another of it.)"""
    os.write(2, "\n已中断，什么都没有写。\n".encode())
    os._exit(128 + number)


def _end(number, frame) -> None:
    """End as Ctrl-C does, so that nothing half-written stays."""
    sys.exit(128 + number)
