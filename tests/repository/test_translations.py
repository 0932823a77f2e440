"""The interface is complete in French and in English."""

import polib

from tests.repository.messages import CATALOGUE, missing


def test_every_message_has_its_french() -> None:
    absent, _gone = missing()

    assert absent == set()


def test_the_catalogue_holds_nothing_that_no_page_says() -> None:
    _absent, gone = missing()

    assert gone == set()


def test_the_compiled_catalogue_is_the_one_of_the_source() -> None:
    source = {e.msgid: e.msgstr or e.msgstr_plural for e in polib.pofile(str(CATALOGUE))}
    compiled = {
        e.msgid: e.msgstr or e.msgstr_plural
        for e in polib.mofile(str(CATALOGUE.with_suffix(".mo")))
    }

    assert compiled == source


def test_a_translation_keeps_the_places_of_its_message() -> None:
    def places(text: str) -> set[str]:
        return {part.split(")")[0] for part in text.split("%(")[1:]}

    wrong = [
        e.msgid
        for e in polib.pofile(str(CATALOGUE))
        if not e.msgid_plural and places(e.msgid) != places(e.msgstr)
    ]

    assert wrong == []
