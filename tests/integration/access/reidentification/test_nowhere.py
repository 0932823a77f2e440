"""Of whom a demand was, nothing is found afterwards: no table, no log, no file."""

import logging
from collections.abc import Iterator
from pathlib import Path
from uuid import UUID

import pytest
from django.conf import settings
from django.db import connection
from django.urls import reverse

from tests import people
from tests.integration.access.extracts.making import PUPILS
from tests.integration.access.reidentification.asking import extracted
from tests.integration.access.reidentification.test_api import SAID
from tests.journeys.searching import decoded

pytestmark = pytest.mark.django_db


def tables() -> Iterator[tuple[str, bytes]]:
    """Return every table of the database, as text."""
    with connection.cursor() as cursor:
        for name in connection.introspection.table_names():
            with cursor.copy(f'COPY "{name}" TO STDOUT') as copy:
                content = b"".join(bytes(piece) for piece in copy)
            yield name, content
            yield f"{name}, decoded", decoded(content)


def kept() -> Iterator[tuple[str, bytes]]:
    yield from tables()
    for path in sorted(Path(settings.VAR_DIR).rglob("*")):
        if path.is_file():
            yield path.name, path.read_bytes()


def forms_of(pid: str) -> tuple[bytes, ...]:
    number = UUID(pid)
    return (pid.encode(), number.hex.encode(), number.bytes, str(number.int).encode())


@pytest.mark.parametrize("by_page", [False, True], ids=["api", "page"])
def test_neither_pseudonyms_nor_identifiers_nor_keys_are_found_afterwards(
    by_page: bool, caplog: pytest.LogCaptureFixture
) -> None:
    grant, pids = extracted()
    ine, pid = next(iter(pids.items()))
    people.noor()
    caplog.set_level(logging.DEBUG)
    before = {where for where, content in kept() if _found(content, ine, pid)}
    grace, noor = people.grace(), people.noor()
    body = {**SAID, "pseudonyms": [pid]}
    filed = grace.api().post(f"grants/{grant}/reidentifications", body).json()
    approved = noor.api().post(f"reidentifications/{filed['id']}/approval").json()
    sealed = {where for where, content in kept() if _found(content, ine, pid)}
    keys = {"filing_key": filed["key"], "approval_key": approved["key"]}
    wrong = {"filing_key": filed["key"], "approval_key": filed["key"]}

    if by_page:
        path = reverse("reidentification_match", args=[filed["id"]])
        browser = grace.browser()
        assert browser.post(path, {**wrong, "candidates": ine}).status_code == 409
        answered = browser.post(path, {**keys, "candidates": "\n".join(PUPILS)})
    else:
        path = f"reidentifications/{filed['id']}/match"
        assert grace.api().post(path, {**wrong, "candidates": [ine]}).status_code == 409
        answered = grace.api().post(path, {**keys, "candidates": PUPILS})

    assert ine in answered.content.decode()
    assert before == sealed == set()
    found = {
        where
        for where, content in (*kept(), ("the log", caplog.text.encode()))
        if _found(content, ine, pid)
        or any(
            key.encode() in content or key.replace("-", "").encode() in content
            for key in keys.values()
        )
    }
    assert found == set()


def _found(content: bytes, ine: str, pid: str) -> bool:
    return ine.encode() in content or any(form in content for form in forms_of(pid))


def test_the_search_itself_finds() -> None:
    pid = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE control (content bytea)")
        cursor.execute("INSERT INTO control VALUES (%s)", [UUID(pid).bytes])
        cursor.execute("SELECT content::text FROM control")
        [shown] = cursor.fetchone()

    assert _found(decoded(shown.replace("\\", "\\\\").encode()), "x" * 11, pid)
