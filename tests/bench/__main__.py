"""
``make bench``: make the data, run every case in turn several times, and write what came out.

The machine is whatever it is, so nothing is said in seconds: each figure is the ratio of a case to
its yardstick, round by round in one run. ``BENCH_ROWS``, ``BENCH_ROUNDS`` and ``BENCH_LARGE``
(rows of the run that is bounded in memory, 0 for none) make it larger or smaller.
"""

import json
import os
import platform
import resource
import shutil
import subprocess
import sys
import tempfile
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from statistics import median

from hub.embedded.programmes import OF_EXTRACTS
from tests.bench import cases
from tests.bench.data import Shape, write_release

PAGE = Path("docs/reference/performance.md")
BEGIN, END = "<!-- figures: begin -->", "<!-- figures: end -->"
GIBIBYTE = 1 << 30
YEARS = 10


@dataclass(frozen=True, slots=True)
class Figure:
    """A case, its yardstick, and the ratio that it may not exceed."""

    case: str
    yardstick: str
    said: str
    goal: str


FIGURES = (
    Figure("governed", "copy", "everything, in a global order, to DuckDB's COPY", "≤ 1.3"),
    Figure("unordered", "copy", "the same without the order, to DuckDB's COPY", "≤ 1.0"),
    Figure(
        "at_rest", "governed", "encrypted at rest on both sides, to the same in clear", "≤ 1.1"
    ),
    Figure("crossed", "join", "two sources crossed, to DuckDB's COPY of their join", "≤ 1.5"),
)
ORDER = (*dict.fromkeys(name for one in FIGURES for name in (one.yardstick, one.case)), "cmac")


@dataclass(frozen=True, slots=True)
class Taken:
    """What one run of a case took."""

    seconds: float
    mebibytes: float


def main() -> None:
    """Run the bench and write its page."""
    rows = int(os.environ.get("BENCH_ROWS", "10_000_000"))
    rounds = int(os.environ.get("BENCH_ROUNDS", "5"))
    largest = int(os.environ.get("BENCH_LARGE", "100_000_000"))
    where = os.environ.get("BENCH_FOLDER")
    with tempfile.TemporaryDirectory(prefix="hub-bench-", dir=where) as folder:
        data = Path(folder)
        _say(f"Making {rows:_} rows, three times…")
        _make(data, rows)
        found: dict[str, list[Taken]] = defaultdict(list)
        for number in range(rounds):
            for case in ORDER:
                found[case].append(_run(case, data))
                _say(f"round {number + 1}: {case} {found[case][-1].seconds:.2f} s")
        peak = _largest(data, largest) if largest else None
        identifiers = cases.IDENTIFIERS / min(one.seconds for one in found["cmac"])
        lines = list(_page(found, rows=rows, largest=largest, peak=peak, speed=identifiers))
    text = "\n".join(lines)
    _say(text)
    before, _, rest = PAGE.read_text().partition(BEGIN)
    PAGE.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.partition(END)[2]}")


def _make(data: Path, rows: int) -> None:
    repeated = Shape(rows, max(rows // cases.REPEATED, 1))
    write_release(data / cases.CLEAR, repeated)
    write_release(data / cases.SEALED, repeated, key=cases.VAULT)
    for salt, name in enumerate((cases.LEFT, cases.RIGHT)):
        write_release(data / name, Shape(rows, rows), salt=salt)


def _run(case: str, data: Path, *, most: int | None = None) -> Taken:
    """Run a case in a process of its own, in a folder that is emptied."""
    with tempfile.TemporaryDirectory(prefix="out-", dir=data) as out:
        done = subprocess.run(  # our own module
            [sys.executable, "-m", "tests.bench.case", case, str(data), out],
            stdout=subprocess.PIPE,
            env={**os.environ, **OF_EXTRACTS},
            check=True,
            text=True,
            preexec_fn=None if most is None else lambda: _bound(most),  # one thread
        )
    return Taken(**json.loads(done.stdout))


def _bound(most: int) -> None:
    resource.setrlimit(resource.RLIMIT_DATA, (most, most))


def _largest(data: Path, rows: int) -> Taken:
    """Run the large case where no more than a gibibyte of memory can be had."""
    for name in (cases.CLEAR, cases.SEALED, cases.LEFT, cases.RIGHT):
        (data / name).unlink()
    _say(f"Making {rows:_} rows…")
    first, *others = (data / cases.YEARS.replace("*", str(year)) for year in range(YEARS))
    write_release(first, Shape(rows // YEARS, rows // YEARS))
    # The same rows ten times, one file a year: what is measured does not look at what differs.
    for path in others:
        path.hardlink_to(first)
    _say("Running them in a gibibyte of memory…")
    taken = _run("large", data, most=GIBIBYTE)
    _say(f"large: {taken.seconds:.0f} s, {taken.mebibytes:.0f} MiB")
    return taken


def _page(
    found: dict[str, list[Taken]], *, rows: int, largest: int, peak: Taken | None, speed: float
) -> Iterator[str]:
    rounds = len(found["copy"])
    yield f"{rows:,} rows of {len(cases.NAMES)} columns, {rounds} rounds, {cases.THREADS} threads."
    yield ""
    yield "| what, to what | lowest | median | goal | peak memory |"
    yield "| --- | --- | --- | --- | --- |"
    for one in FIGURES:
        pairs = zip(found[one.case], found[one.yardstick], strict=True)
        ratios = [case.seconds / yardstick.seconds for case, yardstick in pairs]
        memory = max(each.mebibytes for each in found[one.case])
        yield (
            f"| {one.said} | {min(ratios):.2f} | {median(ratios):.2f} | {one.goal}"
            f" | {memory:.0f} MiB |"
        )
    if peak is not None:
        yield (
            f"| {largest:,} rows within `RLIMIT_DATA` of 1 GiB | ran to the end | | ≤ 700 MB"
            f" | {peak.mebibytes:.0f} MiB |"
        )
    yield f"| identifiers a second and core, at best | {speed / 1e6:.0f} M | | ≥ 20 M | |"
    yield ""
    yield f"Made with {_versions(('duckdb', 'pyarrow', 'numpy', 'cryptography'))}."


def _versions(names: Sequence[str]) -> str:
    listed = ", ".join(f"{name} {version(name)}" for name in names)
    return f"Python {platform.python_version()}, {listed}"


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    if (
        shutil.disk_usage(os.environ.get("BENCH_FOLDER") or tempfile.gettempdir()).free
        < 8 * GIBIBYTE
    ):
        sys.exit("The bench needs 8 GiB of free disk: name a folder in BENCH_FOLDER.")
    main()
