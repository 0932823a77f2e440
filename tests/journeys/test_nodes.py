"""Rows that stay at a producer's: never in the hub, whatever is cut or killed on the way."""

import hashlib
import random
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from hub.demo import catalogue, population
from hub.embedded.setting import HOST
from tests.factories.cut_link import Wire
from tests.factories.whole_hub import WholeHub, eventually
from tests.journeys import steps
from tests.journeys.premises import Premises
from tests.journeys.searching import (
    Pupils,
    as_read,
    decoded,
    everything_kept,
    of_the_demo,
    premises,
)

pytestmark = pytest.mark.whole
ROWS = 150_000
"""Enough for the files to go in several pieces."""
CUT_AT = 5 << 20
KILLS = 4


# -- the demo's own -----------------------------------------------------------------------------------


class Traces:
    """What must be found nowhere in the hub: whole rows of the publisher, and when they began."""

    def __init__(self, size: int) -> None:
        places = population.schools(catalogue.DATA / catalogue.SCHOOLS)
        table = population.traces(population.draw(places, size=size))
        moments = table.column("debut_session").cast("timestamp[s]").cast("string").to_pylist()
        self.moments = {str(one).encode() for one in moments}
        self._pattern = re.compile(rb"2026-0[1-6]-[0-9]{2}[ T][0-9]{2}:[0-9]{2}:[0-9]{2}")

    def found_in(self, content: bytes) -> set[bytes]:
        """Return the beginnings of sessions in some bytes."""
        found = {one.replace(b"T", b" ") for one in self._pattern.findall(content)}
        return found & self.moments


@pytest.fixture(scope="module")
def pupils(whole_hub: WholeHub) -> Pupils:
    return of_the_demo(whole_hub.pupils)


@pytest.fixture(scope="module")
def traces(whole_hub: WholeHub) -> Traces:
    return Traces(whole_hub.pupils)


def state_of(hub: WholeHub, extract: str) -> str:
    [(state, failure)] = hub.ask(
        "select state, failure from access_extract where id = %s", extract
    )
    assert state != "failed", failure
    return str(state)


def await_ready(hub: WholeHub, extract: str) -> None:
    eventually(lambda: state_of(hub, extract) in {"ready", "delivered"}, what="It is never ready.")


@pytest.fixture(scope="module")
def publishers(whole_hub: WholeHub) -> str:
    """Return the extract that the demo's publisher makes at its node."""
    [[extract]] = whole_hub.ask(
        "select e.id from access_extract e join hub_user u on u.id = e.asked_by_id"
        " where e.node_id is not null and u.email like 'autre-chercheur%%'"
    )
    await_ready(whole_hub, str(extract))
    return str(extract)


def test_the_extract_of_the_publisher_is_made_at_its_node_and_delivered(
    whole_hub: WholeHub, publishers: str, pupils: Pupils, traces: Traces
) -> None:
    files = steps.files_of(whole_hub.person("autre-chercheur"), publishers)

    assert files["data.csv"].count(b"\n") > 100
    for name, content in files.items():
        assert pupils.found_in(as_read(name, content)) == set(), name
        assert traces.found_in(content) == set(), name
    sums = files["SHA256SUMS"].decode()
    assert f"{hashlib.sha256(files['data.parquet']).hexdigest()}  data.parquet" in sums


def test_the_hub_never_holds_an_identifier_nor_a_row_of_what_stays_at_a_node(
    whole_hub: WholeHub, publishers: str, pupils: Pupils, traces: Traces
) -> None:
    """Its storage, each of its tables as a dump has it, Valkey, its logs and what it printed."""
    assert publishers
    searched, found = 0, {}
    for where, content in everything_kept(whole_hub):
        searched += len(content)
        if some := traces.found_in(content) | (pupils.found_in(content) & pupils.ines):
            found[where] = sorted(some)[:5]
    assert searched > 10_000_000
    assert found == {}


def test_the_search_finds_the_rows_where_they_are(
    whole_hub: WholeHub, pupils: Pupils, traces: Traces
) -> None:
    data = (premises(whole_hub) / "seances.csv").read_bytes()
    assert traces.found_in(data) == traces.moments
    assert len(pupils.found_in(data) & pupils.ines) > 1_000
    moment = min(traces.moments)
    with whole_hub.database() as connection, whole_hub.valkey() as client:
        client.set("control", moment)
        connection.execute("create table control (content bytea)")
        connection.execute("insert into control values (%s)", [moment])
        try:
            found = {where for where, text in everything_kept(whole_hub) if traces.found_in(text)}
        finally:
            client.delete("control")
            connection.execute("drop table control")
    assert found >= {"table public.control, decoded", "key b'control'"}
    assert decoded(b"") == b""


# -- a node of our own --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def wire(whole_hub: WholeHub) -> Iterator[Wire]:
    found = Wire(whole_hub.port)
    yield found
    found.close()


@pytest.fixture(scope="module")
def place(
    whole_hub: WholeHub, wire: Wire, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Premises]:
    """Return the premises of the State's service, whose node reaches the hub by the wire."""
    key = whole_hub.person("inconnu").api("GET", "/signing-key")["public_key"]
    folder: Path = tmp_path_factory.mktemp("premises") / "node"
    address = f"http://{HOST}:{wire.port}"
    found = Premises(folder, hub=address, hub_key=key, rows=steps.pupils(ROWS, seed=11))
    node = found.enrol(whole_hub.person("instructeur"))
    found.start()
    _publish(whole_hub, found, node)
    yield found
    assert found.stop() == 0, found.said


def _publish(hub: WholeHub, place: Premises, node: str) -> None:
    producer = hub.person("producteur")
    slug = producer.api(
        "POST",
        "/datasets",
        {
            "title": "Base qui reste chez elle",
            "slug": "chez-elle",
            "unit": "pupil",
            "summary": "Une ligne par élève.",
            "description": "Données tirées au sort.",
            "contact_email": "donnees@demo.example",
            "collection_basis": "public_task",
            "retention_months": 36,
        },
    )["slug"]
    path = f"/datasets/{slug}/node-source"
    offered: list[Any] = eventually(
        lambda: producer.api("GET", path), what=f"The node offers nothing: {place.said}"
    )
    assert [one["node"] for one in offered] == [node]
    fields = producer.api("PUT", path, {"node": node, "name": "pupils"})
    said = [
        {"name": one["name"], "label": one["name"], "definition": one["name"]} for one in fields
    ]
    producer.api("PATCH", f"/datasets/{slug}/fields", {"fields": said, "confirm_all": True})
    steps.take_in(producer, slug)
    producer.api("POST", f"/datasets/{slug}/publication")


@pytest.fixture
def extract(whole_hub: WholeHub, place: Premises, request: pytest.FixtureRequest) -> str:
    """Return an extract of what stays at the premises, just asked."""
    assert place.said
    researcher = whole_hub.person("chercheuse")
    [[slug]] = whole_hub.ask(
        "select slug from catalog_dataset where title = 'Base qui reste chez elle'"
    )
    grant = steps.granted(
        researcher,
        whole_hub.person("instructeur"),
        slug=slug,
        title=f"Projet à distance : {request.node.name}",
    )
    return steps.start_extract(researcher, grant)


def assert_made_once(hub: WholeHub, extract: str) -> None:
    """One result, whole, and nothing left behind."""
    files = steps.files_of(hub.person("chercheuse"), extract)
    pids = {line.split(b",", 1)[0] for line in files["data.csv"].splitlines()[1:]}
    assert len(pids) == files["data.csv"].count(b"\n") - 1 > ROWS * 0.9
    sums = files["SHA256SUMS"].decode()
    for name in set(files) - {"SHA256SUMS", "SHA256SUMS.sig"}:
        assert f"{hashlib.sha256(files[name]).hexdigest()}  {name}" in sums
    told = hub.ask(
        "select count(*) from hub_auditevent where subject = %s and details->>'to' = 'ready'",
        f"extract:{extract}",
    )
    assert told == [(1,)]
    eventually(
        lambda: not [one for one in (hub.var / "staging").iterdir() if extract in one.name],
        what="What was received stays beside what was published.",
    )


def test_a_link_cut_in_the_middle_of_the_files_goes_on_where_it_stopped(
    whole_hub: WholeHub, wire: Wire, place: Premises, extract: str
) -> None:
    wire.cut_after(CUT_AT)
    assert wire.is_cut.wait(120), place.said
    incoming = list((whole_hub.var / "staging").glob(f".{extract}-1.incoming/data.*"))
    arrived = sum(path.stat().st_size for path in incoming)
    assert arrived > 0
    assert state_of(whole_hub, extract) == "running"
    assert not (whole_hub.var / "extracts" / extract).exists()
    before = wire.carried
    wire.mend()

    await_ready(whole_hub, extract)

    [(attempt, delivery)] = whole_hub.ask(
        "select attempt, delivery from access_extract where id = %s", extract
    )
    assert attempt == 1
    total = sum(one["size"] for one in delivery["files"])
    assert wire.cuts == 1
    assert wire.carried - before < total - arrived + (3 << 20)
    assert_made_once(whole_hub, extract)


def test_a_node_killed_at_any_moment_ends_in_one_result(
    whole_hub: WholeHub, place: Premises, extract: str
) -> None:
    chance = random.Random(20_261_126)
    for _time in range(KILLS):
        time.sleep(chance.uniform(0.2, 2.5))
        place.kill()
        assert state_of(whole_hub, extract) in {"queued", "running", "checking", "ready"}
        place.start()

    await_ready(whole_hub, extract)

    assert_made_once(whole_hub, extract)
    eventually(
        lambda: not list((place.folder / "state" / "spool").iterdir()), what="A spool stays."
    )
