"""The guides name pages and buttons as the pages do, in both languages."""

import re
from pathlib import Path

import pytest

from tests.repository.messages import ROOT, french

GUIDES = ROOT / "docs/guides"
BOLD = re.compile(r"\*\*([^*]+)\*\*")
LINK = re.compile(r"\]\(([^)#]+)\)")
READERS = ("researcher", "producer", "steward", "dpo", "citizen")


def named(guide: Path) -> set[str]:
    """Return what a guide writes in bold with a capital: names; what ends a sentence is none."""
    texts = {re.sub(r"\n *", " ", one) for one in BOLD.findall(guide.read_text())}
    return {one for one in texts if one[0].isupper() and not one.endswith((".", ":"))}


@pytest.mark.parametrize("reader", READERS)
def test_a_guide_in_english_names_what_the_pages_say(reader: str) -> None:
    said = {entry.msgid for entry in french()}

    assert named(GUIDES / f"{reader}.en.md") - said == set()


@pytest.mark.parametrize("reader", READERS)
def test_a_guide_in_french_names_what_the_pages_say(reader: str) -> None:
    said = {entry.msgstr for entry in french()}

    assert named(GUIDES / f"{reader}.fr.md") - said == set()


def test_every_link_of_the_documentation_leads_somewhere() -> None:
    lost = {
        f"{page.name}: {target}"
        for page in (ROOT / "docs").rglob("*.md")
        for target in LINK.findall(page.read_text())
        if "://" not in target and not (page.parent / target).exists()
    }

    assert lost == set()
