"""Killed at two hundred moments: never a visible part of a bundle, and one whole bundle at the end."""

import multiprocessing
import random
import time
from multiprocessing.context import ForkServerContext
from pathlib import Path

import pytest

from access.extracts import bundle
from access.extracts.bundle import Inputs
from access.extracts.ports import Limits, SourceFile, keys_of
from tests.unit.access.extracts import worlds
from tests.unit.access.extracts.releases import FIELDS, release
from tests.unit.access.extracts.test_bundle import KEY, produced

MOMENTS = 200
DESTINATION = "one"


def run(folder: Path) -> None:
    """Make the bundle of a release that is there already: what the process is killed in."""
    plan = worlds.plan_for(FIELDS)
    path = folder / "release.parquet"
    sources = [SourceFile(path, None)]
    inputs = Inputs(sources, keys_of(plan, worlds.GRANT), worlds.persons("INE00000003"))
    limits = bundle.Ports(limits=Limits(batch_rows=200))
    produced(folder, plan, inputs=inputs, ports=limits)


@pytest.fixture(scope="module")
def processes() -> ForkServerContext:
    """Return a maker of processes that have everything imported already."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.unit.access.extracts.test_killed"])
    return context


def lasting(processes: ForkServerContext, folder: Path) -> float:
    """Return how long a whole run takes here, its process included."""
    start = time.monotonic()
    process = processes.Process(target=run, args=(folder,))
    process.start()
    process.join()
    assert process.exitcode == 0
    return time.monotonic() - start


def verified(folder: Path) -> set[str]:
    """Read every published file to its end, and return their names."""
    made = bundle.published(folder / "extracts" / DESTINATION, KEY)
    if made is None:
        return set()
    for entry in made.files:
        with bundle.open_file(folder / "extracts" / DESTINATION, entry.name, KEY) as reader:
            assert len(reader.readall() or b"") == entry.size
    return {entry.name for entry in made.files}


def test_a_run_killed_at_any_moment_shows_all_or_nothing(
    tmp_path: Path, processes: ForkServerContext
) -> None:
    worlds.write(release(3_000, 700), tmp_path)
    lasting(processes, tmp_path)
    whole, extracts = verified(tmp_path), tmp_path / "extracts"
    for path in (extracts / DESTINATION).iterdir():
        path.unlink()
    (extracts / DESTINATION).rmdir()
    usual = lasting(processes, tmp_path)
    chance, outcomes = random.Random(7), set()
    for _ in range(MOMENTS):
        bundle_there = (extracts / DESTINATION).exists()
        if bundle_there:
            (extracts / DESTINATION).rename(tmp_path / f"done-{chance.random()}")
        process = processes.Process(target=run, args=(tmp_path,))
        process.start()
        process.join(chance.uniform(0, usual))
        process.kill()
        process.join()
        seen = {path.name for path in extracts.iterdir() if not path.name.startswith(".")}
        assert seen <= {DESTINATION}
        found = verified(tmp_path)
        assert found in (set(), whole)
        assert bool(found) == bool(seen)
        outcomes.add(bool(found))

    assert False in outcomes
    lasting(processes, tmp_path)
    assert verified(tmp_path) == whole
    assert {path.name for path in extracts.iterdir()} == {DESTINATION}
    assert [path for path in tmp_path.iterdir() if path.name.startswith("tmp")] == []
