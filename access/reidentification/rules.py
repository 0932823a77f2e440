"""
Whether a demand to name persons may be filed, and what it may say. Pure.

``queries.case_of`` gathers what the rules look at.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import pairwise
from uuid import UUID

from access.reidentification.states import Office
from hub.kernel.identifiers import looks_like_ine
from hub.kernel.refusals import Refusal

YEAR = timedelta(days=365)
SHOWN = 10
LONGEST = {"need": 2_000, "reference": 300, "recipient": 300}
MISSING = {
    "need": "The legal need is missing.",
    "reference": "The legal reference is missing.",
    "recipient": "Who receives the answer is missing.",
}
_PSEUDONYM = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_FEWEST_DIGITS = 4
_WORD = re.compile(r"[0-9A-Za-z-]+")

WHICH_DATASET = Refusal(
    "which-dataset",
    "This grant holds several datasets.",
    "Say of which one the pseudonyms are.",
    about="dataset",
)
NOT_YOURS = Refusal(
    "not-your-step",
    "Only a signatory of the producer or its data protection officer asks who a person is.",
    "Write to one of them, with the legal need.",
)
OWN_SIDE = Refusal(
    "own-side",
    "Nobody asks who the persons of their own side's extracts are.",
    "Leave it to a signatory or an officer of another organisation than the holder's.",
)
AT_A_NODE = Refusal(
    "at-a-node",
    "The rows of this dataset stay at the producer's node: the hub names nobody of rows that it"
    " does not hold.",
    "Turn to who runs the node: the producer holds the identifiers there.",
)
NO_PSEUDONYM = Refusal(
    "no-pseudonym",
    "What was granted of this dataset holds no pseudonym of persons: nobody can be designated.",
    "Look at the plan of the grant: it says what each column became.",
)
KEY_GONE = Refusal(
    "key-gone",
    "The key of this grant was destroyed, or was never made: nobody can tell who stands behind"
    " its pseudonyms.",
    "The rows of an extract whose key is gone cannot be linked to persons any more.",
)
OPEN_ALREADY = Refusal(
    "open-already",
    "A demand on this dataset of the grant is open already.",
    "Wait for its end, or close it: each demand has keys of its own.",
)


@dataclass(frozen=True, slots=True)
class Filing:
    """
    What somebody asks.

    :param pseudonyms: as they were typed, one each
    :param need: why the law asks for it
    :param reference: the article, or the decision of a court
    :param recipient: who receives the answer
    """

    pseudonyms: tuple[str, ...] = field(repr=False)
    need: str
    reference: str
    recipient: str

    @property
    def texts(self) -> dict[str, str]:
        """Return what is kept in clear, by name."""
        return {
            "need": self.need.strip(),
            "reference": self.reference.strip(),
            "recipient": self.recipient.strip(),
        }


@dataclass(frozen=True, slots=True)
class Case:
    """
    What decides whether a demand may be filed on one granted dataset.

    :param offices: as what the person may file
    :param own_side: whether they stand on the side of whoever holds the grant
    :param filed_on: the days of the earlier demands on the dataset
    :param most: demands that a dataset may have in a year
    """

    offices: frozenset[Office]
    own_side: bool
    at_node: bool
    has_pseudonym: bool
    has_key: bool
    is_open: bool
    filed_on: Sequence[date]
    today: date
    most: int


def refusals_to_file(case: Case) -> list[Refusal]:
    """List why a demand may not be filed now; empty when it may."""
    if not case.offices:
        return [NOT_YOURS]
    if case.own_side:
        return [OWN_SIDE]
    if case.at_node:
        return [AT_A_NODE]
    if not case.has_pseudonym:
        return [NO_PSEUDONYM]
    found = [] if case.has_key else [KEY_GONE]
    found += [OPEN_ALREADY] if case.is_open else []
    return found + list(_quota(case))


def _quota(case: Case) -> Iterator[Refusal]:
    counted = sorted(day for day in case.filed_on if day + YEAR > case.today)
    if len(counted) < case.most:
        return
    # The day on which one fewer than the most is left within a year.
    again = counted[-case.most] + YEAR if case.most else None
    remedy = "A new demand may be filed from %(day)s on." if again else "Turn to who runs the hub."
    yield Refusal(
        "quota",
        "A dataset has %(most)s demands a year at most.",
        remedy,
        values={"most": case.most, "day": again.isoformat() if again else ""},
    )


def office_of(offices: frozenset[Office]) -> Office:
    """Return as what somebody files who may file as one or both."""
    return Office.SIGNATORY if Office.SIGNATORY in offices else Office.DPO


def listed(text: str) -> tuple[str, ...]:
    """Return the pseudonyms of a text: one a line, or separated by blanks, commas, semicolons."""
    return tuple(one for one in re.split(r"[\s,;]+", text) if one)


def pids_of(pseudonyms: Iterable[str]) -> list[bytes]:
    """Return pseudonyms that :func:`faults` found right: 16 bytes each."""
    return [UUID(one).bytes for one in pseudonyms]


def faults(filing: Filing, *, most: int) -> list[Refusal]:
    """List what is wrong with what somebody asks; never the wrong thing itself."""
    return [
        *_about_texts(filing),
        *_about_pseudonyms(filing.pseudonyms, most),
        *naming(filing.texts),
    ]


def _about_texts(filing: Filing) -> Iterator[Refusal]:
    for name, text in filing.texts.items():
        if not text:
            yield Refusal(
                f"missing-{name}",
                MISSING[name],
                "A demand says why the law asks, where it says so, and for whom.",
                about=name,
            )
        if len(text) > LONGEST[name]:
            yield Refusal(
                f"long-{name}",
                "This text has more than %(most)s signs.",
                "Say it shorter: the file of the case has the rest.",
                values={"most": LONGEST[name]},
                about=name,
            )


def _about_pseudonyms(pseudonyms: Sequence[str], most: int) -> Iterator[Refusal]:
    if not pseudonyms:
        yield Refusal(
            "none-listed",
            "No pseudonym is listed.",
            "Copy those of the extract: its column begins with pid.",
            about="pseudonyms",
        )
    if len(pseudonyms) > most:
        yield Refusal(
            "too-many",
            "A demand is about %(most)s persons at most.",
            "List only those whom the law asks for.",
            values={"most": most},
            about="pseudonyms",
        )
    wrong = [at for at, one in enumerate(pseudonyms, 1) if not _PSEUDONYM.fullmatch(one)]
    if wrong:
        yield Refusal(
            "not-a-pseudonym",
            "No pseudonym of an extract is written so: number %(numbers)s of the list.",
            "A pseudonym has 32 letters and digits, in groups of 8, 4, 4, 4 and 12.",
            values={"numbers": numbers(wrong)},
            about="pseudonyms",
        )
    ordered = sorted((one.lower(), at) for at, one in enumerate(pseudonyms, 1))
    twice = sorted(later for (one, _at), (other, later) in pairwise(ordered) if one == other)
    if twice:
        yield Refusal(
            "listed-twice",
            "A pseudonym is listed twice: number %(numbers)s of the list.",
            "List each once.",
            values={"numbers": numbers(twice)},
            about="pseudonyms",
        )


def naming(texts: Mapping[str, str]) -> Iterator[Refusal]:
    """Keep persons out of what is kept in clear, as far as a shape tells them."""
    for name, text in texts.items():
        if any(_PSEUDONYM.fullmatch(one) or _is_number(one) for one in _WORD.findall(text)):
            yield Refusal(
                "names-a-person",
                "This text holds a pseudonym or the number of a pupil: it is kept in the trail.",
                "Name no person: give the reference of the case.",
                about=name,
            )


def _is_number(word: str) -> bool:
    """Tell a pupil's number from the number of a case, which has no letter, and from a word."""
    digits = sum(sign.isdigit() for sign in word)
    return looks_like_ine(word) and _FEWEST_DIGITS <= digits < len(word)


def numbers(places: Sequence[int]) -> str:
    """Write the first of some numbers, and how many there are beyond."""
    more = len(places) - SHOWN
    shown = ", ".join(str(one) for one in places[:SHOWN])
    return f"{shown} (+{more})" if more > 0 else shown
