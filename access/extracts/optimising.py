"""
Let tau-Argus choose what else to hide in a table, where an operator has installed it.

It hides as little as can be (Fischetti and Salazar 2001, solved by HiGHS), and works on files: it
is given the cells of the table, never a row, in a folder of its own that is private and removed, in
a process of its own that is stopped after a time. What it chooses is a beginning: the hub hides more
where its own rules ask for more, and without an answer it chooses alone.

Run as a module, it is that process: ``python -m access.extracts.optimising``, in the folder.
"""

import csv
import importlib.util
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from itertools import product
from pathlib import Path

import numpy as np

from access.pseudonymisation.classes import Shares
from access.pseudonymisation.tables import Mask, Sensitive

SECONDS = 120
_SCALE = 1000.0
"""Of sums: thousandths are told, so that what adds up in the table adds up in the file."""
_TOTAL, _SAFE, _UNSAFE, _SHOWN = "T", "S", "U", "P"
_TABLE, _META, _BATCH, _ANSWER = "table.tab", "table.rda", "table.arb", "answer.tab"
_DIMENSION = '{name}\n <RECODEABLE>\n <TOTCODE> "T"\n'
_HEAD = '<SEPARATOR> ";"\n<SAFE> "S"\n<UNSAFE> "U"\n<PROTECT> "P"\n'
_REST = """value
 <NUMERIC>
 <DECIMALS> 0
persons
 <FREQUENCY>
status
 <STATUS>
lower
 <NUMERIC> <LOWERPL>
upper
 <NUMERIC> <UPPERPL>
"""

Chooser = Callable[[Shares, Sensitive, Mask], Mask]
"""From the values of a table, its sensitive cells and those always shown: what else to hide."""


def is_installed() -> bool:
    """Tell whether tau-Argus is there."""
    return importlib.util.find_spec("pytauargus") is not None


def chooser_in(workdir: Path, seconds: float = SECONDS) -> Chooser:
    """
    Return what asks tau-Argus.

    :param workdir: where its private folder is made, and removed
    """

    def choose(values: Shares, sensitive: Sensitive, shown: Mask) -> Mask:
        folder = Path(tempfile.mkdtemp(prefix="table-", dir=workdir))
        try:
            _write(folder, values, sensitive, shown)
            return _chosen(folder, values.shape, seconds)
        finally:
            shutil.rmtree(folder)

    return choose


def _write(folder: Path, values: Shares, sensitive: Sensitive, shown: Mask) -> None:
    whole = np.array_equal(values, np.rint(values))
    told = _with_margins(np.rint(_inner(values) * (1.0 if whole else _SCALE)))
    room = np.ceil(sensitive.protection * (1.0 if whole else _SCALE))
    names = [f"d{axis}" for axis in range(values.ndim)]
    with (folder / _TABLE).open("w", newline="") as file:
        writer = csv.writer(file, delimiter=";", lineterminator="\n")
        for place in product(*map(range, values.shape)):
            if not told[place]:
                continue
            unsafe = bool(sensitive.cells[place])
            status = _SHOWN if shown[place] else _UNSAFE if unsafe else _SAFE
            need = int(room[place]) if unsafe else 0
            least = min(need, int(told[place]))
            writer.writerow(
                [*_codes(place, values.shape), int(told[place]), 1, status, least, need]
            )
    dimensions = "".join(_DIMENSION.format(name=name) for name in names)
    (folder / _META).write_text(_HEAD + dimensions + _REST)
    fields = "".join(f'"{name}"' for name in names)
    (folder / _BATCH).write_text(
        f'<OPENTABLEDATA> "{_TABLE}"\n<OPENMETADATA> "{_META}"\n'
        f'<SPECIFYTABLE> {fields}|"value"|"value"|"value"\n<SAFETYRULE> MAN(0)|\n<READTABLE> 0\n'
        f'<SUPPRESS> OPT(1,{SECONDS // 60})\n<WRITETABLE> (1,5,SO+,"{_ANSWER}")\n'
    )


def _chosen(folder: Path, shape: tuple[int, ...], seconds: float) -> Mask:
    """Return the cells that it hides; none when it has no answer."""
    found = np.zeros(shape, bool)
    known = {
        name: os.environ[name] for name in ("PATH", "LANG", "PYTHONPATH") if name in os.environ
    }
    try:
        subprocess.run(  # noqa: S603  # our own module, on files of ours
            [sys.executable, "-m", __name__],
            cwd=folder,
            env={**known, "HOME": str(folder), "TMPDIR": str(folder), "PYTHONPATH": _path()},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            timeout=seconds,
            check=True,
        )
        with (folder / _ANSWER).open(newline="") as file:
            for *codes, _value, _persons, _cost, status, _lower, _upper in csv.reader(
                file, delimiter=";"
            ):
                if status in {"M", _UNSAFE}:
                    found[_place(codes, shape)] = True
    except (OSError, ValueError, subprocess.SubprocessError):
        return np.zeros(shape, bool)
    return found


def _path() -> str:
    """Return where this package is, for a process that starts in another folder."""
    return str(Path(__file__).resolve().parents[2])


def _codes(place: tuple[int, ...], shape: tuple[int, ...]) -> list[str]:
    return [
        _TOTAL if at == size - 1 else f"c{at:06}" for at, size in zip(place, shape, strict=True)
    ]


def _place(codes: list[str], shape: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(
        size - 1 if code == _TOTAL else int(code[1:])
        for code, size in zip(codes, shape, strict=True)
    )


def _inner(values: Shares) -> Shares:
    return values[tuple(slice(0, size - 1) for size in values.shape)]


def _with_margins(inner: Shares) -> Shares:
    found = inner
    for axis in range(inner.ndim):
        found = np.concatenate([found, found.sum(axis=axis, keepdims=True)], axis=axis)
    return found


def main() -> None:
    """Work in the present folder."""
    from pytauargus.engine import run_batch  # noqa: PLC0415  # only this process needs it

    run_batch(_BATCH)


if __name__ == "__main__":
    main()
