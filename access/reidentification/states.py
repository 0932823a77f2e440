"""The words of a demand to name persons: states, steps, parts, and how long each lasts. Pure."""

from datetime import timedelta

from catalog.vocabularies.labelled import Labelled

ANSWERED_WITHIN = timedelta(days=7)
"""How long a demand waits for the second person."""
USED_WITHIN = timedelta(hours=48)
"""How long an approval runs."""
MOST_TRIES = 5
"""Wrong keys after which a demand is closed."""


class State(Labelled):
    """Where a demand stands."""

    FILED = "filed", "waits for the second person"
    APPROVED = "approved", "approved"
    ANSWERED = "answered", "answered"
    REFUSED = "refused", "refused"
    LAPSED = "lapsed", "lapsed"
    CLOSED = "closed", "closed"


OPEN = frozenset({State.FILED, State.APPROVED})
"""States in which the list of pseudonyms is kept, sealed."""


class Step(Labelled):
    """What may be done with a demand."""

    APPROVE = "approve", "Approve"
    REFUSE = "refuse", "Refuse"
    ANSWER = "answer", "Look for the persons"
    CLOSE = "close", "Close the demand"
    LOCK = "lock", "Close after wrong keys"
    LAPSE = "lapse", "Let lapse"


class Part(Labelled):
    """Which part somebody plays in one demand."""

    FILER = "filer", "who filed it"
    SECOND = "second", "the second person"
    HUB = "hub", "the hub"
    TIME = "time", "time"


class Office(Labelled):
    """As what somebody files a demand, or answers one."""

    SIGNATORY = "signatory", "signatory of the producer"
    DPO = "dpo", "data protection officer"

    @property
    def other(self) -> "Office":
        """Return the office of the second person."""
        return Office.DPO if self is Office.SIGNATORY else Office.SIGNATORY
