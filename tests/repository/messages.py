"""
Find every message of the interface, and keep the catalogues complete.

``python -m tests.repository.messages`` adds what is new to the French catalogue, drops what is
gone, and compiles it. Messages are found in templates, in calls of gettext, in refusals, and in
the words of the vocabularies.
"""

import inspect
import io
import re
import sys
from collections.abc import Iterator
from enum import Enum
from pathlib import Path

import polib
from babel.messages.extract import extract
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parents[2]
CATALOGUE = ROOT / "hub/locale/fr/LC_MESSAGES/django.po"
CALL = re.compile(r"""\w+\((?:[^()"']|"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')*\)""", re.DOTALL)
KEYWORDS = {
    "_": None,
    "gettext": None,
    "gettext_lazy": None,
    "gettext_noop": None,
    "ngettext": (1, 2),
    "pgettext": ((1, "c"), 2),
    "Refusal": (2, 3),
    "Sentence": (1,),
}


def in_code() -> Iterator[str]:
    """Yield the messages of Python modules."""
    for app in ("hub", "catalog", "access"):
        for path in (ROOT / app).rglob("*.py"):
            if "migrations" in path.parts:
                continue
            yield from extracted(path.read_bytes())


def in_templates() -> Iterator[str]:
    """Yield the messages of templates."""
    for path in (ROOT / "hub/templates").rglob("*"):
        if path.suffix in {".html", ".txt"}:
            source = templatize(path.read_text(), origin=str(path))
            # What is left of the template between the calls is not Python: keep the calls only.
            calls = [c for c in calls_of(source) if c]
            yield from extracted("\n".join(calls).encode())


def calls_of(source: str) -> Iterator[str]:
    """Yield the gettext calls that templatize wrote: quotes and brackets closed."""
    for start in re.finditer(r"\b(?:n|p|np)?gettext\(", source):
        found = CALL.match(source, start.start())
        if found:
            yield found.group()


def extracted(source: bytes) -> Iterator[str]:
    """Yield the messages of a piece of Python."""
    for _line, message, _comments, _context in extract("python", io.BytesIO(source), KEYWORDS):
        parts = message if isinstance(message, tuple) else (message,)
        yield from (part for part in parts if part)


def in_words() -> Iterator[str]:
    """Yield the words of the domain that pages translate when they show them."""
    from tests.repository.words import ENUMERATIONS  # noqa: PLC0415 - needs Django

    for enumeration in ENUMERATIONS:
        for member in enumeration:
            yield word(member)


def word(member: Enum) -> str:
    """Return what pages show of a member: its label when it has one, else its value."""
    label = inspect.getattr_static(type(member), "label", None)
    return str(getattr(member, "label", "") if label is not None else member.value)


def messages() -> set[str]:
    """Return every message of the interface."""
    return {m for m in (*in_code(), *in_templates(), *in_words()) if m.strip()}


def missing() -> tuple[set[str], set[str]]:
    """Return the messages without French, and the entries that no message needs."""
    catalogue = polib.pofile(str(CATALOGUE))
    known = {e.msgid for e in catalogue if e.msgstr or any(e.msgstr_plural.values())}
    plurals = {e.msgid_plural for e in catalogue if e.msgid_plural}
    found = messages()
    return found - known - plurals, {e.msgid for e in catalogue} - found


def update() -> int:
    """Bring the French catalogue up to date; return how many messages wait for their French."""
    catalogue = polib.pofile(str(CATALOGUE))
    absent, gone = missing()
    for entry in [e for e in catalogue if e.msgid in gone]:
        catalogue.remove(entry)
    known = {e.msgid for e in catalogue}
    for msgid in sorted(absent - known):
        catalogue.append(polib.POEntry(msgid=msgid))
    catalogue.sort(key=lambda e: e.msgid)
    for entry in catalogue:
        python = "%(" in entry.msgid
        entry.flags = ["python-format"] if python else []
        entry.occurrences = []
    catalogue.save(str(CATALOGUE))
    catalogue.save_as_mofile(str(CATALOGUE.with_suffix(".mo")))
    return len(absent)


if __name__ == "__main__":
    import os

    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "hub.settings.test")
    django.setup()
    waiting = update()
    sys.stdout.write(f"{waiting} messages wait for their French.\n")
    sys.exit(bool(waiting))
