"""
Shapes of values: what a text looks like, recognised on whole columns at once.

Each shape is a test on distinct values with their counts; a value may have several shapes. Sources
of the French identifiers: INE and UAI in ``hub.kernel.identifiers``; NIR (INSEE), NUMEN (staff
files of the ministry), COG (INSEE).
"""

from collections.abc import Callable
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from catalog.vocabularies import territories
from catalog.vocabularies.person_names import FAMILY_NAMES, FIRST_NAMES
from hub.kernel.identifiers import is_uai

Mask = npt.NDArray[np.bool_]


class Shape(StrEnum):
    """What a value looks like."""

    INE = "ine"
    INE_DIGITS = "ine_digits"
    EMAIL = "email"
    PHONE = "phone"
    BARE_MOBILE = "bare_mobile"
    NIR = "nir"
    NUMEN = "numen"
    IBAN = "iban"
    IP = "ip"
    HIDDEN_IDENTIFIER = "hidden_identifier"
    ADDRESS = "address"
    URL = "url"
    UUID = "uuid"
    UAI = "uai"
    UAI_WRONG_KEY = "uai_wrong_key"
    SIREN = "siren"
    INTEGER = "integer"
    INTEGER_AS_FLOAT = "integer_as_float"
    DECIMAL = "decimal"
    PERCENT = "percent"
    LEADING_ZERO = "leading_zero"
    TO_TWENTY = "to_twenty"
    BOOLEAN = "boolean"
    SEX = "sex"
    ISO_DATE = "iso_date"
    FRENCH_DATE = "french_date"
    OTHER_DATE = "other_date"
    IMPOSSIBLE_DATE = "impossible_date"
    DATETIME = "datetime"
    YEAR = "year"
    SCHOOL_YEAR = "school_year"
    FIVE_CHARACTERS = "five_characters"
    COMMUNE = "commune"
    DEPARTEMENT = "departement"
    DEPARTEMENT_NAME = "departement_name"
    ACADEMIE = "academie"
    ACADEMIE_NAME = "academie_name"
    REGION_ACADEMIQUE = "region_academique"
    INSEE_REGION = "insee_region"
    REGION_NAME = "region_name"
    MEF = "mef"
    CODE = "code"
    WORDS = "words"
    ONE_WORD = "one_word"
    LONG_TEXT = "long_text"
    FIRST_NAME = "first_name"
    FAMILY_NAME = "family_name"
    BOTH_NAMES = "both_names"
    INSTITUTION = "institution"
    PLACE = "place"
    FORMULA = "formula"


_YEAR = r"(?:19[0-9]{2}|20[0-9]{2}|2100)"
_MONTH = r"(?:0?[1-9]|1[0-2])"
_DAY = r"(?:0?[1-9]|[12][0-9]|3[01])"
_EMAIL = r"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}"
_PHONE = r"(?:(?:\+|00)(?:33|262|508|590|594|596|687|689)[ .-]?(?:\(0\)[ .-]?)?|0)[1-9](?:[ .-]?[0-9]{2}){4}"
_NIR = r"[12][ ]?[0-9]{2}[ ]?(?:0[1-9]|1[0-2]|[2-9][0-9])[ ]?(?:[0-9]{2}|2[AB])[ ]?[0-9]{3}[ ]?[0-9]{3}"
_INE = r"(?:[0-9]{9}[A-HJK]{2}|[0-9]{10}[A-HJ-NPR-Z]|[0-9]{4}[AD][0-9]{5}[A-HJ-NPR-Z])"

PATTERNS: dict[Shape, str] = {
    Shape.INE_DIGITS: r"[0-9]{11}",
    Shape.EMAIL: rf"(?:mailto:)?{_EMAIL}",
    Shape.PHONE: _PHONE,
    Shape.BARE_MOBILE: r"[67][0-9]{8}",
    Shape.NIR: rf"{_NIR}(?:[ ]?[0-9]{{2}})?",
    Shape.NUMEN: r"[0-9]{2}[A-Z][0-9]{7}[A-Z]{3}",
    Shape.IBAN: r"[A-Z]{2}[0-9]{2}(?:[ ]?[0-9A-Z]{4}){3,7}(?:[ ]?[0-9A-Z]{1,3})?",
    Shape.IP: r"(?:(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])\.){3}(?:25[0-5]|2[0-4][0-9]|1?[0-9]?[0-9])"
    r"|(?:[0-9a-f]{1,4}:){7}[0-9a-f]{1,4}",
    Shape.ADDRESS: r"(?i)[0-9]{1,4}(?: ?(?:bis|ter|quater|[a-d]))?,? (?:rue|r|avenue|av|boulevard|bd|bvd|place|pl|chemin|che"
    r"|allee|allée|all|impasse|imp|route|rte|quai|cours|square|sq|residence|résidence|lotissement|passage"
    r"|hameau|lieu[- ]dit|voie|sentier|esplanade|faubourg|fbg|cité|cite|villa|clos)\b.*",
    Shape.URL: r"(?i)(?:https?://|www\.)\S+",
    Shape.UUID: r"(?i)[0-9a-f]{8}-(?:[0-9a-f]{4}-){3}[0-9a-f]{12}|[0-9a-f]{32}|[0-9a-f]{64}",
    Shape.INTEGER: r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[ \x{00A0}\x{202F}][0-9]{3})+)",
    Shape.INTEGER_AS_FLOAT: r"[+-]?[0-9]+[.,]0+",
    Shape.DECIMAL: r"[+-]?(?:[0-9]+|[0-9]{1,3}(?:[ \x{00A0}\x{202F}][0-9]{3})+)?[.,][0-9]+(?:[eE][+-]?[0-9]+)?",
    Shape.PERCENT: r"[+-]?[0-9]+(?:[.,][0-9]+)?[ \x{00A0}\x{202F}]?%",
    Shape.LEADING_ZERO: r"0[0-9]+",
    Shape.TO_TWENTY: r"(?:1?[0-9]|20)(?:[.,][0-9]{1,3})?",
    Shape.BOOLEAN: r"(?i)oui|non|vrai|faux|true|false|yes|no",
    Shape.SEX: r"(?i)f|m|g|h|fille|garcon|garçon|feminin|féminin|masculin|femme|homme|female|male",
    Shape.ISO_DATE: rf"{_YEAR}-{_MONTH}-{_DAY}",
    Shape.FRENCH_DATE: rf"{_DAY}/{_MONTH}/{_YEAR}",
    Shape.OTHER_DATE: rf"{_DAY}[.-]{_MONTH}[.-]{_YEAR}|{_YEAR}/{_MONTH}/{_DAY}|{_MONTH}/(?:1[3-9]|2[0-9]|3[01])/{_YEAR}"
    rf"|{_DAY}/{_MONTH}/[0-9]{{2}}|{_DAY} (?i:janvier|février|fevrier|mars|avril|mai|juin|juillet|août|aout|septembre|octobre|novembre|décembre|decembre) {_YEAR}",
    Shape.IMPOSSIBLE_DATE: r"[0-9]{5,}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[0-9]{5,}"
    r"|[03-9][0-9]{3}-[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,2}/[0-9]{1,2}/[03-9][0-9]{3}"
    rf"|{_YEAR}-(?:1[3-9]|[2-9][0-9]|00)-[0-9]{{1,2}}|{_YEAR}-[0-9]{{1,2}}-(?:3[2-9]|[4-9][0-9]|00)",
    Shape.DATETIME: rf"{_YEAR}-[0-9]{{2}}-[0-9]{{2}}[T ][0-9]{{2}}:[0-9]{{2}}(?::[0-9]{{2}}(?:[.,][0-9]+)?)?(?:Z|[+-][0-9]{{2}}:?[0-9]{{2}})?",
    Shape.YEAR: _YEAR,
    Shape.SCHOOL_YEAR: r"20[0-9]{2} ?[-/] ?(?:20)?[0-9]{2}",
    Shape.FIVE_CHARACTERS: r"[0-9][0-9AB][0-9]{3}",
    Shape.MEF: r"[0-9]{10}[0-9A-Z ]?",
    Shape.CODE: r"[0-9A-Za-z_./:-]*[0-9][0-9A-Za-z_./:-]*",
    Shape.WORDS: r"\p{L}[\p{L} '’.,_-]*[0-9]{0,4}",
    Shape.ONE_WORD: r"\p{L}+",
    Shape.LONG_TEXT: r"(?s).{60,}|(?s)(?:\S+\s+){7,}\S+.*",
    Shape.FORMULA: r"(?s)[=@].+|(?s)[+-][A-Za-z(].*",
}
"""Regular expressions (RE2) that the whole value must match."""

_HIDDEN = rf"{_EMAIL}|\b{_INE}\b"
_INE_ANY = rf"{_INE}|[0-9A-Z]{{10}}[0-9]"
_UAI_LIKE = r"[0-9]{7}[A-Z]"

INSTITUTION_WORDS = frozenset(
    """
    SAINT SAINTE ST STE SAINTS NOTRE DAME SACRE COEUR ECOLE COLLEGE LYCEE MATERNELLE PRIMAIRE
    ELEMENTAIRE GROUPE SCOLAIRE INSTITUTION ENSEMBLE PRIVE PRIVEE PUBLIC PUBLIQUE EREA CFA SEGPA
    RPI RPID EEPU EMPU EPPU CLG LYC LP LPO UNIVERSITE INSTITUT ACADEMIE RECTORAT MAIRIE COMMUNE
    VILLE CENTRE
    """.split()  # noqa: SIM905  (a list of quoted words would not be readable)
)
"""Words that name a school or a service, and rarely a person."""
PLACE_WORDS = frozenset(
    [
        "LE",
        "LA",
        "LES",
        "L",
        "SUR",
        "SOUS",
        "EN",
        "AUX",
        "AU",
        "DU",
        "DES",
        "D",
        "LEZ",
        "ET",
        "CHATEAU",
        "VAL",
    ]
)
"""Small words that names of places have more often than names of persons."""


def _full(words: pa.Array, pattern: str) -> Mask:
    return _mask(pc.match_substring_regex(words, rf"\A(?:{pattern})\z"))


def _mask(found: pa.Array) -> Mask:
    return np.asarray(found.to_numpy(zero_copy_only=False), dtype=np.bool_)


def _among(words: pa.Array, values: object) -> Mask:
    return _mask(pc.is_in(words, value_set=pa.array(values, pa.string())))


def plain_capitals(words: pa.Array) -> pa.Array:
    """Return texts in capitals, without accents, with one space between words."""
    bare = pc.replace_substring_regex(pc.utf8_normalize(words, "NFKD"), r"\p{M}", "")
    return pc.utf8_trim_whitespace(
        pc.replace_substring_regex(pc.utf8_upper(bare), r"[^A-Z0-9]+", " ")
    )


def _names(listed: object) -> list[str]:
    return [str(name) for name in plain_capitals(pa.array(listed, pa.string())).to_pylist()]


_DEPARTEMENT_CODES = [
    *territories.DEPARTEMENTS,
    *(code.zfill(3) for code in territories.DEPARTEMENTS),
]
_REGION_ACADEMIQUE_CODES = [f"{number:02}" for number in range(1, 19)]
_VALUE_SETS: dict[Shape, list[str]] = {
    Shape.DEPARTEMENT: _DEPARTEMENT_CODES,
    Shape.ACADEMIE: list(territories.ACADEMIES),
    Shape.INSEE_REGION: list(territories.INSEE_REGIONS),
    Shape.REGION_ACADEMIQUE: _REGION_ACADEMIQUE_CODES,
}
_NAME_SETS: dict[Shape, list[str]] = {
    Shape.DEPARTEMENT_NAME: _names(list(territories.DEPARTEMENTS.values())),
    Shape.ACADEMIE_NAME: _names(list(territories.ACADEMIES.values())),
    Shape.REGION_NAME: _names(
        [*territories.REGIONS_ACADEMIQUES, *territories.INSEE_REGIONS.values()]
    ),
}
_TOKEN_SETS: dict[Shape, list[str]] = {
    Shape.FIRST_NAME: sorted(FIRST_NAMES),
    Shape.FAMILY_NAME: sorted(FAMILY_NAMES),
    Shape.INSTITUTION: sorted(INSTITUTION_WORDS),
    Shape.PLACE: sorted(PLACE_WORDS),
}


def shapes_of(words: pa.Array, counts: pa.Array) -> dict[Shape, int]:
    """
    Count the shapes of distinct texts (trimmed, not empty, not null), weighted by ``counts``.

    A shape that no value has is absent from the answer.
    """
    capitals = plain_capitals(words)
    masks = {shape: _full(words, pattern) for shape, pattern in PATTERNS.items()}
    masks |= {shape: _among(words, values) for shape, values in _VALUE_SETS.items()}
    masks |= {shape: _among(capitals, names) for shape, names in _NAME_SETS.items()}
    masks |= _words_among(capitals)
    masks |= _checked(words)
    weights = counts.to_numpy()
    found = {shape: int(weights[mask].sum()) for shape, mask in masks.items()}
    return {shape: number for shape, number in found.items() if number}


def _words_among(capitals: pa.Array) -> dict[Shape, Mask]:
    """Tell which texts have a word in each list, and which have a first and another family name."""
    split = pc.split_pattern(capitals, " ")
    owners = pc.list_parent_indices(split).to_numpy()
    tokens = pc.list_flatten(split)
    number = len(capitals)

    def owned(mask: Mask) -> npt.NDArray[np.intp]:
        return np.bincount(owners[mask], minlength=number)

    hits = {shape: _among(tokens, values) for shape, values in _TOKEN_SETS.items()}
    found: dict[Shape, Mask] = {shape: owned(mask) > 0 for shape, mask in hits.items()}
    either = owned(hits[Shape.FIRST_NAME] | hits[Shape.FAMILY_NAME])
    found[Shape.BOTH_NAMES] = found[Shape.FIRST_NAME] & (either > 1)
    return found


def _checked(words: pa.Array) -> dict[Shape, Mask]:
    """Recognise the identifiers whose shape needs more than one regular expression."""
    upper = pc.utf8_upper(words)
    digits = _full(words, PATTERNS[Shape.INE_DIGITS])
    ine = _full(upper, _INE_ANY) & ~digits & _mask(pc.match_substring_regex(words, "[0-9]{3}"))
    like_uai = _full(upper, _UAI_LIKE)
    right_key = _where(like_uai, upper, is_uai)
    ibans = _full(upper, PATTERNS[Shape.IBAN])
    companies = _full(words, r"[0-9]{3} ?[0-9]{3} ?[0-9]{3}(?: ?[0-9]{5})?")
    return {
        Shape.INE: ine,
        Shape.UAI: right_key,
        Shape.UAI_WRONG_KEY: like_uai & ~right_key,
        Shape.NUMEN: _full(upper, PATTERNS[Shape.NUMEN]),
        Shape.IBAN: _where(ibans, upper, _is_iban),
        Shape.SIREN: _where(companies, words, _passes_luhn),
        Shape.COMMUNE: _where(
            _full(upper, PATTERNS[Shape.FIVE_CHARACTERS]),
            upper,
            lambda text: territories.departement_of(text) is not None,
        ),
        Shape.HIDDEN_IDENTIFIER: _mask(pc.match_substring_regex(words, _HIDDEN)),
    }


def _where(candidates: Mask, words: pa.Array, accepts: Callable[[str], bool]) -> Mask:
    found = candidates.copy()
    for index in np.flatnonzero(candidates):
        found[index] = accepts(words[int(index)].as_py())
    return found


def _is_iban(text: str) -> bool:
    """Check the two key digits of an account number (ISO 7064, modulo 97)."""
    bare = text.replace(" ", "")
    return int("".join(str(int(sign, 36)) for sign in bare[4:] + bare[:4])) % 97 == 1


def _passes_luhn(text: str) -> bool:
    """Check the last digit of a SIREN or SIRET (Luhn)."""
    figures = [int(sign) for sign in reversed(text.replace(" ", ""))]
    doubled = (sum(divmod(2 * figure, 10)) for figure in figures[1::2])
    return (sum(figures[::2]) + sum(doubled)) % 10 == 0
