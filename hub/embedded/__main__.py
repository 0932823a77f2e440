"""``python -m hub.embedded demo`` · ``python -m hub.embedded manage …``."""

import os
import signal
import sys
from contextlib import suppress

from hub.embedded.processes import LIBC, PR_SET_PDEATHSIG
from hub.embedded.refusals import CannotRun
from hub.embedded.run import Hub, Stop, manage
from hub.embedded.setting import read_setting

USAGE = "Usage: python -m hub.embedded demo [--with-parent] | manage COMMAND…"


def main(words: list[str]) -> int:
    """Run what the words ask for and return the exit code; a failure is one sentence."""
    os.umask(0o077)
    try:
        match words:
            case ["demo"]:
                _demo()
            case ["demo", "--with-parent"]:
                # make, when killed, takes the hub with it.
                if LIBC is not None:
                    LIBC.prctl(PR_SET_PDEATHSIG, int(signal.SIGTERM), 0, 0, 0)
                _demo()
            case ["manage", *arguments]:
                return manage(read_setting(os.environ), arguments)
            case _:
                sys.stderr.write(f"{USAGE}\n")
                return 2
    except CannotRun as reason:
        sys.stderr.write(f"{reason}\n")
        return 1
    return 0


def _demo() -> None:
    with Stop() as stop:
        Hub(read_setting(os.environ), say=_say, stop=stop).run()


def _say(line: str) -> None:
    # Whoever read our lines may leave; the hub stays.
    with suppress(BrokenPipeError):
        sys.stdout.write(f"{line}\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
