"""When a node may be opened, and when its silence is worth saying. Pure."""

from datetime import datetime, timedelta
from enum import StrEnum

from hub.crypto.letters import is_recipient
from hub.kernel.refusals import Refusal

SILENT_AFTER = timedelta(minutes=3)
"""A node asks for work at least every half minute."""


class NodeState(StrEnum):
    """The life of a node."""

    ACTIVE = "active"
    CLOSED = "closed"


def refusals_to_open(*, name: str, recipient: str) -> list[Refusal]:
    """List what is wrong with what is said of a new node; empty when nothing is."""
    found = []
    if not name.strip() or len(name) > 100:
        found.append(
            Refusal(
                "node-name",
                "A node has a name of at most 100 characters.",
                "Name the place or the server where the data are.",
                about="name",
            )
        )
    if not is_recipient(recipient.strip()):
        found.append(
            Refusal(
                "node-recipient",
                "This is not the public key of a node.",
                "Start the node: it prints its key, which begins with “age1”.",
                about="recipient",
            )
        )
    return found


def is_silent(*, state: NodeState, seen_at: datetime | None, at: datetime) -> bool:
    """Tell whether an active node should have been heard and was not."""
    return state is NodeState.ACTIVE and (seen_at is None or seen_at + SILENT_AFTER < at)
