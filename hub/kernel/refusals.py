"""Say no, with reasons that a person can act on."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Refusal:
    """
    One reason why something may not happen, and what the person can do about it.

    ``explanation`` and ``remedy`` are English message identifiers with ``%(name)s`` places; the
    surface that shows them translates them and fills the places from ``values``. Rules stay free
    of any framework that way, and a reason is written once.
    """

    code: str
    explanation: str
    remedy: str = ""
    values: Mapping[str, object] = field(default_factory=dict)
    about: str = ""
    """The input field or object that is refused, empty when it is the whole."""

    def __str__(self) -> str:
        return self.explanation % self.values if self.values else self.explanation


class Refused(Exception):
    """Raised by an action when the rules list at least one refusal."""

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals = tuple(refusals)
        super().__init__("; ".join(str(refusal) for refusal in self.refusals))


def require(refusals: Iterable[Refusal]) -> None:
    """
    Go on only when there is nothing to refuse.

    :raises Refused: with every reason at once
    """
    listed = tuple(refusals)
    if listed:
        raise Refused(listed)


class Invalid(Refused):
    """The input itself is wrong, field by field: nothing was done and nothing is lost."""


class Stale(Refused):
    """Somebody else changed the thing meanwhile: look again, then decide."""


class Unknown(Exception):
    """There is no such thing, or the actor may not even know that there is."""


class Forbidden(Refused):
    """The actor is known, and this is not theirs to do."""
