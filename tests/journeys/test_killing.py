"""Whatever is killed in the middle of an extract, it is made once and nothing is lost."""

import hashlib
import re

import psycopg
import pytest

from tests.factories.whole_hub import Caller, WholeHub, eventually
from tests.journeys import steps

pytestmark = pytest.mark.whole
ROWS = 1_500_000
"""Enough for an extract to be met in its middle."""
OF_THE_SUMS = {"SHA256SUMS", "SHA256SUMS.sig"}
SIGKILL = "was ended by SIGKILL"


@pytest.fixture(scope="module")
def researcher(whole_hub: WholeHub) -> Caller:
    return whole_hub.person("chercheuse")


@pytest.fixture(scope="module")
def steward(whole_hub: WholeHub) -> Caller:
    return whole_hub.person("instructeur")


@pytest.fixture(scope="module")
def dataset(whole_hub: WholeHub) -> str:
    """Publish a base large enough for its extract to take some seconds."""
    rows = steps.pupils(ROWS)
    title = "Base assez grande pour être interrompue"
    return steps.publish_pupils(whole_hub.person("producteur"), title=title, rows=rows)


@pytest.fixture
def in_the_middle(
    whole_hub: WholeHub,
    researcher: Caller,
    steward: Caller,
    dataset: str,
    request: pytest.FixtureRequest,
) -> str:
    """Start an extract and return it while it is being made."""
    title = f"Projet interrompu : {request.node.name}"
    grant = steps.granted(researcher, steward, slug=dataset, title=title)
    extract = steps.start_extract(researcher, grant)
    with whole_hub.database() as connection:
        query = "select state, stage from access_extract where id = %s"

        def is_met() -> bool:
            row = connection.execute(query, [extract]).fetchone()
            assert row is not None
            assert row[0] in {"queued", "running", "checking"}, "It was too quick to be met."
            return bool(row[0] != "queued" and row[1])

        eventually(is_met, what="No worker takes the extract.")
    return extract


def state_of(hub: WholeHub, extract: str) -> str:
    """Return the state of an extract, empty while the database is away."""
    try:
        return str(hub.ask("select state from access_extract where id = %s", extract)[0][0])
    except psycopg.OperationalError:
        return ""


def seen_in_folders(hub: WholeHub, extract: str) -> list[str]:
    """Return what the folder of finished extracts holds of one."""
    return [path.name for path in (hub.var / "extracts").iterdir() if extract in path.name]


def await_ready(hub: WholeHub, extract: str) -> None:
    """Wait until an extract is ready and the hub has put itself in order."""

    def is_ready() -> bool:
        state = state_of(hub, extract)
        assert state != "failed"
        return state == "ready"

    eventually(is_ready, what="The extract never completes.")
    eventually(hub.answers, what="The hub does not answer any more.")
    eventually(
        lambda: not list((hub.var / "staging").iterdir()), what="Drafts of dead workers stay."
    )


def assert_made_once(hub: WholeHub, researcher: Caller, extract: str) -> None:
    """One row, one folder, whole files, one line in a trail that holds."""
    [(grant, rows)] = hub.ask(
        "select granted_id, (select count(*) from access_extract o where o.granted_id ="
        " e.granted_id) from access_extract e where id = %s",
        extract,
    )
    assert rows == 1, grant
    assert seen_in_folders(hub, extract) == [extract]
    files = steps.files_of(researcher, extract)
    sums = files["SHA256SUMS"].decode()
    assert set(files) - OF_THE_SUMS == set(re.findall(r"  (\S+)", sums))
    for name, content in files.items():
        assert name in OF_THE_SUMS or f"{hashlib.sha256(content).hexdigest()}  {name}" in sums
    pids = {line.split(b",", 1)[0] for line in files["data.csv"].splitlines()[1:]}
    assert len(pids) == files["data.csv"].count(b"\n") - 1 == ROWS
    told = hub.ask(
        "select count(*) from hub_auditevent where subject = %s and details->>'to' = 'ready'",
        f"extract:{extract}",
    )
    assert told == [(1,)]
    verified = hub.manage("audit", "verify")
    assert verified.returncode == 0, verified.stderr
    assert "The trail is whole" in verified.stdout


def trail(hub: WholeHub) -> list[tuple[int, bytes]]:
    """Return the trail as it stands."""
    return [
        (seq, digest)
        for seq, digest in hub.ask("select seq, digest from hub_auditevent order by seq")
    ]


def test_a_worker_killed_in_the_middle_of_an_extract_leaves_nothing_and_it_is_made_once(
    whole_hub: WholeHub, researcher: Caller, in_the_middle: str
) -> None:
    whole_hub.kill("celery .*worker")

    assert state_of(whole_hub, in_the_middle) in {"running", "checking"}
    assert seen_in_folders(whole_hub, in_the_middle) == []
    half = researcher.get(f"/api/v1/extracts/{in_the_middle}/files/data.csv")
    assert half.status in {404, 409}
    assert researcher.api("GET", f"/extracts/{in_the_middle}")["files"] == []
    await_ready(whole_hub, in_the_middle)
    assert f"worker {SIGKILL}" in whole_hub.said
    attempts = whole_hub.ask("select attempt from access_extract where id = %s", in_the_middle)
    assert attempts == [(2,)]
    assert_made_once(whole_hub, researcher, in_the_middle)


def test_postgresql_killed_in_the_middle_of_an_extract_loses_nothing_and_it_is_made_once(
    whole_hub: WholeHub, researcher: Caller, in_the_middle: str
) -> None:
    before = trail(whole_hub)

    whole_hub.kill("postgres")

    await_ready(whole_hub, in_the_middle)
    assert f"postgres {SIGKILL}" in whole_hub.said
    assert trail(whole_hub)[: len(before)] == before
    assert_made_once(whole_hub, researcher, in_the_middle)


def test_valkey_killed_in_the_middle_of_an_extract_loses_nothing_and_it_is_made_once(
    whole_hub: WholeHub, researcher: Caller, in_the_middle: str
) -> None:
    before = trail(whole_hub)

    whole_hub.kill("valkey")

    await_ready(whole_hub, in_the_middle)
    assert f"valkey {SIGKILL}" in whole_hub.said
    assert trail(whole_hub)[: len(before)] == before
    assert_made_once(whole_hub, researcher, in_the_middle)


def test_everything_killed_at_once_in_the_middle_of_an_extract_is_put_right(
    whole_hub: WholeHub, researcher: Caller, in_the_middle: str
) -> None:
    before = trail(whole_hub)

    whole_hub.kill("celery|postgres|valkey|uvicorn")

    await_ready(whole_hub, in_the_middle)
    assert trail(whole_hub)[: len(before)] == before
    assert_made_once(whole_hub, researcher, in_the_middle)
