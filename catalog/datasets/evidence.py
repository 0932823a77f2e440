"""
Is this a column that names persons? Told by its values, whatever it is called.

A level-5 value must never leave: where the values leave a doubt, the doubt counts against the
column, with less confidence.
"""

from collections.abc import Callable
from dataclasses import dataclass

from catalog.datasets.profiles import ColumnProfile
from catalog.datasets.shapes import Shape
from catalog.vocabularies.semantic_types import SemanticType


@dataclass(frozen=True, slots=True)
class Evidence:
    """What the values say. ``strong`` is enough to refuse a publication; a doubt is not."""

    semantic_type: SemanticType
    strong: bool
    count: int
    """How many values say so."""


def direct_identifier(profile: ColumnProfile) -> Evidence | None:
    """Return the best evidence that the values name or reach persons, None without any."""
    for says in (_numbered, _named, _hidden):
        evidence = says(profile)
        if evidence:
            return evidence
    return None


_STRONG_SHARES: tuple[tuple[Shape, SemanticType, float], ...] = (
    (Shape.EMAIL, SemanticType.EMAIL, 0.05),
    (Shape.INE, SemanticType.INE, 0.1),
    (Shape.NUMEN, SemanticType.NUMEN, 0.1),
    (Shape.NIR, SemanticType.NIR, 0.2),
    (Shape.IBAN, SemanticType.IBAN, 0.1),
    (Shape.PHONE, SemanticType.PHONE, 0.2),
    (Shape.IP, SemanticType.IP_ADDRESS, 0.2),
)
_DOUBTFUL_SHARES: tuple[tuple[Shape, SemanticType, float], ...] = (
    # Eleven digits fit the INE's published shape, and those of other codes (MEF).
    (Shape.INE_DIGITS, SemanticType.INE, 0.5),
    # A mobile number whose first zero a spreadsheet ate.
    (Shape.BARE_MOBILE, SemanticType.PHONE, 0.8),
)


def _numbered(profile: ColumnProfile) -> Evidence | None:
    for shape, semantic_type, least in _STRONG_SHARES:
        if profile.share(shape) >= least:
            return Evidence(semantic_type, strong=True, count=profile.count(shape))
    for shape, semantic_type, least in _DOUBTFUL_SHARES:
        if profile.share(shape) >= least and profile.share(Shape.SIREN) < 0.9:
            return Evidence(semantic_type, strong=False, count=profile.count(shape))
    return None


FIRST_NAMES_SHARE = 0.3
"""At least this share of a column of first names is among the frequent ones."""
FAMILY_NAMES_SHARE = 0.12
"""At least this share of a column of family names is among the frequent ones."""
INSTITUTIONS_SHARE = 0.05
"""Above it, the column names schools or places (SAINT JOSEPH, COLLEGE JEAN MOULIN)."""


def _named(profile: ColumnProfile) -> Evidence | None:
    if _speaks_of_things(profile):
        return None
    first = profile.share(Shape.FIRST_NAME)
    family = profile.share(Shape.FAMILY_NAME)
    if first >= FIRST_NAMES_SHARE:
        meaning = (
            SemanticType.FIRST_NAME
            if profile.share(Shape.ONE_WORD) >= 0.7 and first >= family
            else SemanticType.PERSON_NAME
        )
        return Evidence(meaning, strong=True, count=profile.count(Shape.FIRST_NAME))
    if family >= FAMILY_NAMES_SHARE and profile.share(Shape.PLACE) < 0.2:
        return Evidence(
            SemanticType.PERSON_NAME,
            strong=family >= 2 * FAMILY_NAMES_SHARE,
            count=profile.count(Shape.FAMILY_NAME),
        )
    return None


_THINGS: tuple[tuple[Shape, float], ...] = (
    (Shape.INSTITUTION, INSTITUTIONS_SHARE),
    (Shape.DEPARTEMENT_NAME, 0.5),
    (Shape.ACADEMIE_NAME, 0.5),
    (Shape.REGION_NAME, 0.5),
    (Shape.LONG_TEXT, 0.3),
    (Shape.URL, 0.3),
)


def _speaks_of_things(profile: ColumnProfile) -> bool:
    """Tell whether the words are those of schools, territories or sentences."""
    return profile.share(Shape.WORDS) < 0.6 or any(
        profile.share(shape) >= most for shape, most in _THINGS
    )


def _hidden(profile: ColumnProfile) -> Evidence | None:
    """An e-mail address or an INE inside a longer text is one too many."""
    count = profile.count(Shape.HIDDEN_IDENTIFIER)
    if not count:
        return None
    return Evidence(SemanticType.FREE_TEXT, strong=True, count=count)


def may_be_names(profile: ColumnProfile) -> bool:
    """
    Tell whether words could be rare names of persons: many different ones, without small words.

    It is a doubt, only fit for files whose rows speak of persons.
    """
    checks: tuple[Callable[[], bool], ...] = (
        lambda: not _speaks_of_things(profile),
        lambda: profile.share(Shape.WORDS) >= 0.9,
        lambda: profile.share(Shape.PLACE) < 0.15,
        lambda: profile.distinct >= 30,
        lambda: profile.distinct_share >= 0.02,
        lambda: profile.longest <= 60,
    )
    return all(check() for check in checks)
