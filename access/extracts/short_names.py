"""Names that SPSS and Stata both take: short, plain, told apart whatever their case. Pure."""

import re
import unicodedata
from collections.abc import Iterable

LONGEST = 28
"""Stata takes 32 characters and SPSS 64 bytes; what names the labels of a variable is longer."""
_OTHER = re.compile(r"[^A-Za-z0-9]+")
_STRINGS = re.compile(r"str[0-9]+")
_OF_SPSS = "all and by eq ge gt le lt ne not or to with"
_OF_STATA = """
aggregate array boolean break byte case catch class colvector complex const continue default
delegate delete do double else eltypedef end enum explicit export external float for friend function
global goto if in inline int local long mata matrix namespace new numeric null operator orgtypedef
pointer polymorphic pragma private protected public quad real return rowvector scalar short signed
static str strl string struct super switch template this throw transmorphic try typedef typename
union unsigned using vector version virtual void volatile while
"""
RESERVED = frozenset([*_OF_SPSS.split(), *_OF_STATA.split()])
FIRST = "v_"
"""Before a name that does not begin with a letter, or that one of the two keeps for itself."""


def short_names(names: Iterable[str]) -> dict[str, str]:
    """
    Return a short name for each column, the same whenever the columns are the same.

    :param names: in the order of the columns; two that become one are numbered in that order
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        plain = _plain(name)
        short, number = plain, 2
        while short.lower() in taken:
            end = f"_{number}"
            short, number = plain[: LONGEST - len(end)] + end, number + 1
        taken.add(short.lower())
        found[name] = short
    return found


def _plain(name: str) -> str:
    signs = unicodedata.normalize("NFKD", name)
    letters = "".join(sign for sign in signs if not unicodedata.combining(sign))
    plain = _OTHER.sub("_", letters).strip("_")
    kept = plain.lower() in RESERVED or _STRINGS.fullmatch(plain.lower()) is not None
    if kept or not plain[:1].isalpha():
        plain = f"{FIRST}{plain}"
    return plain[:LONGEST].rstrip("_") or "v"
