"""A node is opened with a name and a key, and its silence is told."""

from datetime import UTC, datetime, timedelta

import pytest

from catalog.nodes.rules import SILENT_AFTER, NodeState, is_silent, refusals_to_open
from hub.crypto.letters import new_identity, recipient_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
KEY = recipient_of(new_identity())


def test_a_name_and_a_public_key_are_enough() -> None:
    assert refusals_to_open(name="Server room", recipient=f" {KEY}\n") == []


@pytest.mark.parametrize(
    ("name", "recipient", "codes"),
    [
        ("", KEY, ["node-name"]),
        ("x" * 101, KEY, ["node-name"]),
        ("ok", "age1", ["node-recipient"]),
        (" ", "", ["node-name", "node-recipient"]),
    ],
    ids=["no name", "long name", "no key", "nothing"],
)
def test_what_is_missing_is_named(name: str, recipient: str, codes: list[str]) -> None:
    assert [one.code for one in refusals_to_open(name=name, recipient=recipient)] == codes


def test_an_active_node_is_silent_when_it_was_not_heard_for_long_or_ever() -> None:
    just, late = NOW - SILENT_AFTER, NOW - SILENT_AFTER - timedelta(seconds=1)
    assert not is_silent(state=NodeState.ACTIVE, seen_at=just, at=NOW)
    assert is_silent(state=NodeState.ACTIVE, seen_at=late, at=NOW)
    assert is_silent(state=NodeState.ACTIVE, seen_at=None, at=NOW)
    assert not is_silent(state=NodeState.CLOSED, seen_at=late, at=NOW)
