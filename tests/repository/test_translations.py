"""The interface is complete in French and in English."""

import re
from pathlib import Path

import polib
import pytest

from tests.repository.code import in_source
from tests.repository.messages import CATALOGUE, ENGLISH, every, french, messages, missing
from tests.repository.words import BY_VALUE

PLACE = re.compile(r"%\((\w+)\)s|%%")


def texts(entry: polib.POEntry | polib.MOEntry) -> list[str]:
    """Return every French form of a message."""
    return [entry.msgstr] if not entry.msgid_plural else list(entry.msgstr_plural.values())


def test_every_message_has_its_french() -> None:
    absent, _gone = missing()

    assert absent == set()


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    _absent, gone = missing()

    assert gone == set()


def test_the_catalogue_is_sorted_and_sure_of_itself() -> None:
    entries = list(french())

    assert [e.msgid for e in entries] == sorted(e.msgid for e in entries)
    assert [e.msgid for e in entries if e.fuzzy or e.obsolete] == []


def test_no_code_is_shown_as_a_word_in_english() -> None:
    named = {e.msgid for e in polib.pofile(str(ENGLISH))}
    coded = {member.value for one in BY_VALUE for member in one if "_" in member.value}

    assert coded - named == set()
    assert named - set(messages()) == set()


@pytest.mark.parametrize("catalogue", [CATALOGUE, ENGLISH], ids=["fr", "en"])
def test_the_compiled_catalogue_is_the_one_of_the_source(catalogue: Path) -> None:
    source = {e.msgid: texts(e) for e in polib.pofile(str(catalogue))}
    compiled = {e.msgid: texts(e) for e in polib.mofile(str(catalogue.with_suffix(".mo")))}

    assert compiled == source


def test_no_message_is_said_both_alone_and_with_a_plural() -> None:
    """Python 3.11.2, that of Debian 12, does not find the singular of a plural asked for alone."""
    said = list(every())
    counted = {one.singular for one in said if one.plural}

    assert counted & {one.singular for one in said if not one.plural} == set()


def test_a_translation_keeps_the_places_of_its_message() -> None:
    wrong = [
        e.msgid
        for e in french()
        for text in texts(e)
        if sorted(PLACE.findall(text)) != sorted(PLACE.findall(e.msgid))
    ]

    assert wrong == []


def test_a_french_text_keeps_the_spaces_and_signs_of_french_typography() -> None:
    before = re.compile(r"(?<![\u00a0\u202f])[;?!»]|(?<![\u00a0])[:](?=\s|$)|«(?!\u00a0)|\w'")
    wrong = [e.msgid for e in french() for text in texts(e) if before.search(text)]

    assert wrong == []


def test_the_percent_sign_of_a_message_without_places_stands_alone() -> None:
    """A message without a place is never filled: a doubled sign would be shown doubled."""
    wrong = [one for one in messages() if "%%" in one and "%(" not in one]

    assert wrong == []


def test_a_message_is_found_wherever_code_puts_it() -> None:
    source = """
REASONS = {"a_code": "its reason"}
PATH = (("first_part", "First part"),)
def rule():
    '''Say nothing to people.'''
    yield Refusal("a-code", "Said by place." if late else "Said late.", remedy="Said by name.")
    raise ValueError("For programmers alone.")
    return "A sentence that is returned."
label = ngettext("%(n)s thing", "%(n)s things", 2)
"""
    found = {one for one in in_source(source, sentences=True) if one.singular}

    assert {one.singular for one in found} == {
        "its reason",
        "First part",
        "Said by place.",
        "Said late.",
        "Said by name.",
        "A sentence that is returned.",
        "%(n)s thing",
    }
    assert {one.plural for one in found} == {"", "%(n)s things"}
