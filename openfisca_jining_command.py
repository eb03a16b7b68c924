"""The command ``openfisca-jining``, outside of the package so that Ctrl-C is answered while the package is still being loaded."""

import signal
import sys


def main() -> int:
    """Run the command line. :returns: exit status (see ``openfisca_jining.cli``); 143 if told to end."""
    signal.signal(signal.SIGTERM, _end)
    try:
        from openfisca_jining.cli import main as run

        return run()
    except KeyboardInterrupt:
        print("\n已中断，什么都没有写。", file=sys.stderr)
        return 130


def _end(number, frame) -> None:
    """End as Ctrl-C does, so that nothing half-written stays."""
    sys.exit(128 + number)
