"""Run one case in this process: ``python -m tests.bench.case NAME DATA OUT``, and say what it took."""

import json
import resource
import sys
import time
from pathlib import Path

from tests.bench.cases import CASES


def main(name: str, data: str, out: str) -> None:
    """Print the seconds and the peak of memory in mebibytes, as JSON."""
    work = CASES[name](Path(data), Path(out))
    start = time.perf_counter()
    work()
    seconds = time.perf_counter() - start
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    sys.stdout.write(json.dumps({"seconds": seconds, "mebibytes": peak}) + "\n")


if __name__ == "__main__":
    main(*sys.argv[1:])
