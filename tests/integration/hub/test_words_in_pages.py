"""
The pages speak French, whole: every page of a world, read by everybody who may.

What pages translate is heard at the catalogue itself, so that a message that no tool could find in
the code is found here, when it is shown.
"""

import ast
import re
from collections.abc import Iterator
from gettext import NullTranslations
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils.translation import trans_real

from tests.factories.world import World, standing
from tests.promises.sweep_pages import LINES
from tests.promises.sweeping import Callers, undone
from tests.repository.messages import ROOT, SLICES, french

pytestmark = pytest.mark.django_db

PLACE = re.compile(r"%\(\w+\)s|%%")
SILENT = {"script", "style", "code", "pre", "textarea"}
SAID = {"title", "aria-label", "placeholder", "alt", "content"}
NAMES = {"uai", "effectif"}
"""Fields of the world, which a sentence names as they are."""
FRAGMENT = 14
"""How long a piece of a message must be, to be told from a chance."""


class Ear(NullTranslations):
    """Hears the messages that the French catalogue lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.heard: set[str] = set()

    def gettext(self, message: str) -> str:
        self.heard.add(message)
        return message

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        self.heard.add(msgid1)
        return msgid1 if n == 1 else msgid2


class Reader(HTMLParser):
    """Reads what a page says to people, in texts and in attributes."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.said: list[str] = []
        self._open: list[str] = []
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SILENT or ("lang", "en") in attrs:
            self._open.append(tag)
        self.said += [value for name, value in attrs if name in SAID and value]

    def handle_endtag(self, tag: str) -> None:
        if self._open and self._open[-1] == tag:
            self._open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._open:
            self.said.append(" ".join(data.split()))


@pytest.fixture(scope="module")
def world(
    django_db_setup: None,
    django_db_blocker: pytest.FixtureRequest,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[World]:
    var = tmp_path_factory.mktemp("var")
    with django_db_blocker.unblock(), standing(var) as found:  # type: ignore[attr-defined]
        yield found


@pytest.fixture(scope="module")
def ear(world: World) -> Iterator[Ear]:
    catalogue = trans_real.translation("fr")
    before, listening = catalogue._fallback, Ear()  # type: ignore[attr-defined]
    catalogue._fallback = listening  # type: ignore[attr-defined]
    yield listening
    catalogue._fallback = before  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def pages(world: World, ear: Ear) -> dict[str, Reader]:
    """Return every page, as everybody reads it."""
    callers, found = Callers(world), {}
    for line in LINES:
        for who in line.may:
            with undone():
                answer = callers.ask(line, who)
            if "text/html" in answer.headers.get("Content-Type", ""):
                found[f"{line} ({who}, {answer.status})"] = Reader(answer.text)
    return found


def literals() -> set[str]:
    """Return every text that the code writes."""
    return {
        node.value
        for each in SLICES
        for path in Path(ROOT / each).rglob("*.py")
        if "demo" not in path.parts
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def english() -> tuple[set[str], set[str]]:
    """Return the English messages that differ from their French: short ones, and long pieces."""
    whole, pieces = set(), set()
    said_in_french = " ".join(entry.msgstr for entry in french())
    for entry in french():
        fragments = {one.strip() for one in PLACE.split(entry.msgid)}
        pieces |= {one for one in fragments if len(one) >= FRAGMENT and " " in one}
        if not PLACE.search(entry.msgid) and entry.msgid != entry.msgstr:
            whole.add(entry.msgid)
    return whole, {one for one in pieces if one not in said_in_french}


def test_the_pages_of_the_world_are_many(pages: dict[str, Reader]) -> None:
    assert len(pages) > len({line.route for line in LINES})


def test_every_word_that_a_page_translates_has_its_french(
    pages: dict[str, Reader], ear: Ear
) -> None:
    assert (ear.heard & literals()) - NAMES == set()


def test_no_page_shows_a_place_that_nothing_filled(pages: dict[str, Reader]) -> None:
    wrong = {name: said for name, page in pages.items() for said in page.said if "%(" in said}

    assert wrong == {}


def test_no_page_says_an_english_word(pages: dict[str, Reader]) -> None:
    whole, pieces = english()
    wrong = {
        said: name
        for name, page in pages.items()
        for said in page.said
        if said.strip(" :.,") in whole or any(piece in said for piece in pieces)
    }

    assert wrong == {}
