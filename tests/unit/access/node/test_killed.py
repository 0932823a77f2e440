"""A node killed at any moment of an extract: what waits to be sent is whole, or is not there."""

import multiprocessing
import random
import time
from dataclasses import asdict
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from access.extracts import engine
from access.extracts.bundle import Staging, open_file
from access.extracts.datapackage import FileEntry
from access.extracts.ports import Limits, SourceFile, keys_of
from access.node.premises import Premises
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import FIELDS, release
from tests.unit.access.extracts.test_bundle import KEY

MOMENTS = 100


def work(folder: Path) -> None:
    """Start as a node does, make an extract of rows that are there, and leave it to be sent."""
    premises = Premises(folder / "state")
    premises.tidy()
    if premises.spools():
        return
    plan = worlds.plan_for(FIELDS)
    spool = premises.spool("job", 1)
    staging = Staging(spool, KEY)
    engine.run(
        plan=plan,
        sources=[SourceFile(folder / "release.parquet", None)],
        keys=keys_of(plan, worlds.GRANT),
        consent=worlds.persons("INE00000003"),
        output=staging,
        workdir=premises.work,
        limits=Limits(batch_rows=200),
    )
    premises.seal(spool, {"files": [asdict(entry) for entry in staging.entries.values()]})


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Return a maker of processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.access.node.test_killed"])
    return context


def run(processes: ForkServerContext, folder: Path, patience: float | None = None) -> float:
    """Run the work, killed when its time is over; return how long it took."""
    start = time.monotonic()
    process = processes.Process(target=work, args=(folder,))
    process.start()
    process.join(patience)
    process.kill()
    process.join()
    return time.monotonic() - start


def sent(premises: Premises) -> set[str]:
    """Read every file that counts to its end, and return their names."""
    names = set()
    for spool in premises.spools():
        for told in (premises.report(spool) or {"files": []})["files"]:
            entry = FileEntry(**told)
            with open_file(spool, entry.name, KEY) as reader:
                assert len(reader.readall() or b"") == entry.size
            names.add(entry.name)
    return names


def test_a_node_killed_at_any_moment_has_all_to_send_or_nothing(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    worlds.write(release(3_000, 700), tmp_path)
    premises = Premises(tmp_path / "state")
    run(processes, tmp_path)
    whole = sent(premises)
    assert {"data.csv", "data.parquet"} <= whole
    premises.drop(premises.spools()[0])
    usual = run(processes, tmp_path)
    chance, outcomes = random.Random(11), set()
    for _ in range(MOMENTS):
        for spool in premises.spools():
            if premises.report(spool) is not None:
                premises.drop(spool)
        run(processes, tmp_path, chance.uniform(0, usual))
        found = sent(premises)
        assert found in (set(), whole)
        outcomes.add(bool(found))

    assert False in outcomes
    run(processes, tmp_path)
    assert sent(premises) == whole
    assert list(premises.work.iterdir()) == []
