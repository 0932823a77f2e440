"""
Nothing that names a pupil is found anywhere: files, logs, tables, Valkey, deliveries, refusals.

Runs after the other journeys: what they left is searched too.
"""

import base64
import io
import json
import re
from collections.abc import Iterator

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from hub.crypto.keys import new_secret
from hub.demo import catalogue, population
from tests.factories.whole_hub import JSON, Caller, WholeHub, eventually
from tests.journeys import steps
from tests.journeys.opening import key_bytes, keys_of_the_hub, secret_folders
from tests.journeys.searching import (
    Pupils,
    as_read,
    everything_kept,
    of_the_demo,
)

pytestmark = pytest.mark.whole
MARK = "note_mathematiques"
EXPECTED = frozenset(
    {b"duplicate_columns", b"invalid_choice", b"line-cells", b"line-decision", b"no_header"}
    | {b"ragged_row", b"value_not_of_type", b"level_contradicted"}
)
CODE = re.compile(rb'"code":"([^"]+)"')
CSV = {"Content-Type": "text/csv"}


@pytest.fixture(scope="module")
def pupils(whole_hub: WholeHub) -> Pupils:
    return of_the_demo(whole_hub.pupils)


@pytest.fixture(scope="module")
def base(whole_hub: WholeHub) -> list[str]:
    """Return the lines of the State's base, as its producer holds them."""
    places = population.schools(catalogue.DATA / catalogue.SCHOOLS)
    drawn = population.draw(places, size=whole_hub.pupils)
    text = catalogue.as_csv(population.results(drawn)).getvalue().decode()
    return text.replace('"', "").splitlines()


def deliveries(hub: WholeHub) -> Iterator[tuple[str, bytes]]:
    """Return every file of every extract, as whoever asked for it fetches it."""
    asked: dict[str, list[str]] = {}
    for extract, email in hub.ask(
        "select e.id, u.email from access_extract e join hub_user u on u.id = e.asked_by_id"
        " where e.state in ('ready', 'delivered')"
    ):
        asked.setdefault(email.partition("@")[0], []).append(str(extract))
    for name, extracts in asked.items():
        researcher = hub.person(name)
        for extract in extracts:
            for file, content in steps.files_of(researcher, extract).items():
                yield f"extract {extract}, {file}", as_read(file, content)


def refused(hub: WholeHub, base: list[str]) -> Iterator[tuple[str, bytes]]:
    """Provoke refusals with the rows of real pupils of the demo, and return what is answered."""
    producer, publisher = hub.person("producteur"), hub.person("editeur")
    header, rows = base[0], base[1:]
    ine, family, first = rows[0].split(";")[:3]
    cells = rows[400].split(";")
    named = [header, *rows[:400], ";".join([*cells[:-2], f"{family} {first}", cells[-1]])]
    numbered = [header, *rows[:400], ";".join([*cells[:-2], ine, cells[-1]])]
    files = {
        "a name where a number was": ("number", named),
        "an identifier in a column of marks": ("text", numbered),
        "a row too long": ("number", [header, *rows[:400], f"{rows[400]};{family} {first};{ine}"]),
        "the same header twice": ("number", [f"{header};nom", *(f"{row};x" for row in rows[:50])]),
        "a file without a header": ("number", rows[:50]),
        "an empty line of headers": ("number", ["", *rows[:50]]),
    }
    for what, (kind, lines) in files.items():
        slug = producer.api("POST", "/datasets", {"title": what, "unit": "pupil"})["slug"]
        path = f"/api/v1/datasets/{slug}"
        content = "\n".join(lines).encode()
        yield what, producer.send("PUT", f"{path}/upload", content, CSV).content
        mark = {"name": MARK, "type": kind, "semantic_type": "mark", "level": 3}
        change = json.dumps({"confirm_all": True, "fields": [mark]}).encode()
        yield what, producer.send("PATCH", f"{path}/fields", change, JSON).content
        yield what, producer.send("POST", f"{path}/ingestion", b"{}", JSON).content
        _await_end(producer, path)
        yield what, producer.get(f"{path}/ingestion").content
        yield what, producer.get(f"{path}/fields").content
    [[traces]] = hub.ask("select id from catalog_dataset where slug like 'traces%%'")
    path = f"/api/v1/datasets/{traces}/consents"
    wrong = f"ine;decision\n{ine};perhaps\n{family} {first};given\n{ine};given;{first}\n"
    yield "consents", publisher.send("POST", path, wrong.encode(), CSV).content
    word = {"identifier": f"{family} {first}", "decision": "perhaps"}
    yield "a consent", publisher.send("POST", path, json.dumps(word).encode(), JSON).content
    yield from _looked_for(hub, ine, f"{family}%20{first}")


def _await_end(producer: Caller, path: str) -> None:
    def is_over() -> bool:
        answer = producer.get(f"{path}/ingestion")
        return answer.status == 404 or answer.json()["state"] not in {"queued", "running"}

    eventually(is_over, what="The job never ends.")


def _looked_for(hub: WholeHub, ine: str, name: str) -> Iterator[tuple[str, bytes]]:
    """Let a visitor write a pupil's identifier where they should not; addresses are logged."""
    visitor = Caller(hub)
    for path in (f"/datasets?q={ine}", f"/datasets?q={name}", f"/datasets/{ine}"):
        # Their own page may show them what they typed: it is the logs that must not.
        visitor.get(path)
        visitor.get(f"/api/v1{path}")
    visitor.form("/accounts/login/", {"login": "a.b@eleve.example", "password": ine})
    yield "an unknown address", visitor.get("/api/v1/nothing-here").content


def test_nothing_that_names_a_pupil_is_delivered(whole_hub: WholeHub, pupils: Pupils) -> None:
    found = {where: pupils.found_in(content) for where, content in deliveries(whole_hub)}

    assert len(found) > 5
    assert {where: some for where, some in found.items() if some} == {}


def test_a_refusal_never_repeats_what_names_a_pupil(
    whole_hub: WholeHub, pupils: Pupils, base: list[str]
) -> None:
    answers = list(refused(whole_hub, base))

    assert len(answers) > 20
    codes = {code for _, content in answers for code in CODE.findall(content)}
    assert codes >= EXPECTED
    found = [(where, pupils.found_in(content), content) for where, content in answers]
    assert [one for one in found if one[1]] == []


def test_nothing_that_the_hub_keeps_or_says_names_a_pupil(
    whole_hub: WholeHub, pupils: Pupils
) -> None:
    searched = 0
    found = {}
    for where, content in everything_kept(whole_hub):
        searched += len(content)
        if some := pupils.found_in(content):
            found[where] = sorted(some)[:5]

    assert searched > 10_000_000
    assert found == {}


def test_no_key_is_found_outside_the_two_places_where_keys_are_kept(whole_hub: WholeHub) -> None:
    keys = keys_of_the_hub(whole_hub)
    meant = [str(folder.relative_to(whole_hub.var.parent)) for folder in secret_folders(whole_hub)]
    found, kept = {}, set()
    for where, content in (*everything_kept(whole_hub), *deliveries(whole_hub)):
        some = keys.found_in(content)
        if some and where.startswith(tuple(meant)):
            kept |= some
        elif some:
            found[where] = sorted(some)

    assert found == {}
    # The search finds them where they are: half of each grant's key, and the master key.
    assert kept >= {"master"} | {one for one in keys.keys if one.startswith("share of ")}
    assert {one.partition(" ")[0] for one in keys.keys} >= {
        *("master", "house", "stage", "vault", "share", "secret"),
        *("pseudonyms", "order", "cells", "files"),
    }


# -- the search itself finds ---------------------------------------------------------------------


def test_the_search_finds_every_pupil_of_a_base_in_clear(
    pupils: Pupils, base: list[str], whole_hub: WholeHub
) -> None:
    found = pupils.found_in("\n".join(base).encode())
    assert pupils.ines <= found
    assert {b" ".join(pair) for pair in pupils.names} <= found

    places = population.schools(catalogue.DATA / catalogue.SCHOOLS)
    meals = population.canteen(population.draw(places, size=whole_hub.pupils))
    clear = as_read("a.parquet", _parquet(meals))
    assert pupils.phones <= pupils.found_in(clear)
    assert len([one for one in pupils.found_in(clear) if b"@FAMILLE.EXAMPLE" in one]) > 100
    assert pupils.found_in(b"12345 nothing@here.example 0611111111") == set()


def test_the_search_finds_a_key_however_it_is_written() -> None:
    secret = new_secret()
    value, keys = secret.reveal(), key_bytes({"one": secret, "other": new_secret()})
    written = [value, value.hex().encode(), value.hex().upper().encode()]
    written += [base64.b64encode(bytes(n) + value + bytes(n)) for n in range(3)]
    written += [base64.urlsafe_b64encode(bytes(n) + value) for n in range(3)]

    assert [keys.found_in(b"before" + one + b"after") for one in written] == [{"one"}] * 9
    assert keys.found_in(value[:31] + value.hex().encode()[:60]) == set()


def test_the_search_finds_what_is_hidden_in_each_place(whole_hub: WholeHub) -> None:
    marker = b"987654321ZZ".replace(b"Z", b"K")
    control = Pupils(ines=frozenset([marker]), names=frozenset(), phones=frozenset())
    stray = whole_hub.var / "log" / "control.log"
    stray.write_bytes(b'{"event": "' + marker.lower() + b'"}')
    message = json.dumps({"body": _base64(b'{"ine": "' + marker + b'"}')})
    with whole_hub.valkey() as client, whole_hub.database() as connection:
        client.lpush("control", message)
        connection.execute("create table control (content bytea)")
        connection.execute("insert into control values (%s)", [marker])
        try:
            found = {
                where
                for where, text in everything_kept(whole_hub)
                if "control" in where and control.found_in(text)
            }
        finally:
            stray.unlink()
            client.delete("control")
            connection.execute("drop table control")

    assert found == {
        "var/log/control.log",
        "table public.control, decoded",
        "key b'control', decoded",
    }


def _parquet(table: pa.Table) -> bytes:
    file = io.BytesIO()
    pq.write_table(table, file)
    return file.getvalue()


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode()
