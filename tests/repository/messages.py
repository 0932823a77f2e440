"""
Find every message of the interface, and keep the catalogues complete.

``python -m tests.repository.messages`` adds what is new to the French catalogue, drops what is
gone, and compiles it. Messages are found in templates, in the code (:mod:`tests.repository.code`),
and in the words of the vocabularies.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import polib
from django.utils.translation.template import templatize

from tests.repository.code import Message, in_code, in_source

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "hub/locale/fr/LC_MESSAGES/django.po"
ENGLISH = ROOT / "hub/locale/en/LC_MESSAGES/django.po"
"""The English of codes that pages show as words: everything else is English already."""
CALL = re.compile(r"""\w+\((?:[^()"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\)""", re.DOTALL)
SLICES = ("hub", "catalog", "access")


def in_templates() -> Iterator[Message]:
    """Yield the messages of templates."""
    for path in (ROOT / "hub/templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            source = templatize(path.read_text(), origin=str(path))
            for call in calls_of(source):
                yield from in_source(call)


def calls_of(source: str) -> Iterator[str]:
    """Yield the calls that templatize wrote: what is left of the template is not Python."""
    for start in re.finditer(r"\b(?:n?gettext|_)\(", source):
        found = CALL.match(source, start.start())
        if found:
            yield found.group()


def in_words() -> Iterator[Message]:
    """Yield the words of the domain that pages translate when they show them."""
    from tests.repository.words import enumerations  # noqa: PLC0415 - needs Django

    for enumeration in enumerations():
        for member in enumeration:
            yield Message(word(member))


def word(member: Enum) -> str:
    """Return what pages show of a member: its label when it has one, else its value."""
    labels = "label" in inspect.get_annotations(type(member).__mro__[1])
    return str(getattr(member, "label", "") if labels else member.value)


def every() -> Iterator[Message]:
    """Yield the messages of the interface, as often as they are said."""
    for source in (in_code(ROOT / each for each in SLICES), in_templates(), in_words()):
        yield from (one for one in source if one.singular.strip())


def messages() -> dict[str, str]:
    """Return every message of the interface, each with its plural (empty when it has none)."""
    found: dict[str, str] = {}
    for one in every():
        found[one.singular] = found.get(one.singular) or one.plural
    return found


def french() -> polib.POFile:
    """Return the French catalogue."""
    return polib.pofile(str(CATALOGUE), wrapwidth=96)


def is_complete(entry: polib.POEntry, plural: str) -> bool:
    """Tell whether an entry says all the forms of its message."""
    if entry.msgid_plural != plural or entry.fuzzy:
        return False
    return all(entry.msgstr_plural.values()) if plural else bool(entry.msgstr)


def missing() -> tuple[set[str], set[str]]:
    """Return the messages without French, and the entries that no message needs."""
    found = messages()
    entries = {entry.msgid: entry for entry in french()}
    done = {
        msgid
        for msgid, plural in found.items()
        if msgid in entries and is_complete(entries[msgid], plural)
    }
    return set(found) - done, set(entries) - set(found)


def update() -> int:
    """Bring the French catalogue up to date; return how many messages wait for their French."""
    catalogue, found = french(), messages()
    known = {entry.msgid: entry for entry in catalogue if entry.msgid in found}
    catalogue.clear()
    for msgid in sorted(found):
        catalogue.append(_entry(msgid, found[msgid], known.get(msgid)))
    catalogue.save(str(CATALOGUE))
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    polib.pofile(str(ENGLISH)).save_as_mofile(str(ENGLISH.with_suffix(".mo")))
    return len(missing()[0])


def _entry(msgid: str, plural: str, old: polib.POEntry | None) -> polib.POEntry:
    """Return the entry of a message, with the French that it had."""
    flags = ["python-format"] if "%(" in msgid or "%(" in plural else []
    if not plural:
        return polib.POEntry(msgid=msgid, msgstr=old.msgstr if old else "", flags=flags)
    forms = dict(old.msgstr_plural) if old and old.msgid_plural else {0: "", 1: ""}
    return polib.POEntry(msgid=msgid, msgid_plural=plural, msgstr_plural=forms, flags=flags)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.test")
    django.setup()
    waiting = update()
    sys.stdout.write(f"{waiting} messages wait for their French.\n")
    sys.exit(bool(waiting))
