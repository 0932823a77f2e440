"""Which formats a request may ask for, here and now. Pure, but for looking which packages are there."""

import os
from collections.abc import Iterable, Mapping
from importlib.util import find_spec
from types import MappingProxyType

from access.plans.terms import STATISTICAL, Format
from hub.kernel.refusals import Refusal

NEEDED = ("pyreadstat", "polars")
"""Of the optional part ``stata-spss`` of the package."""
LABELS: Mapping[Format, str] = MappingProxyType(
    {
        Format.PARQUET: "Parquet",
        Format.CSV: "CSV",
        Format.SPSS: "SPSS (.sav)",
        Format.STATA: "Stata (.dta)",
    }
)
"""Names of formats: they are the same in every language."""


def writes_statistical() -> bool:
    """Tell whether SPSS and Stata files can be made: in memory, by packages that are there."""
    return hasattr(os, "memfd_create") and all(find_spec(name) for name in NEEDED)


def offered() -> tuple[Format, ...]:
    """Return the formats that a request may ask for."""
    able = writes_statistical()
    return tuple(each for each in Format if able or each not in STATISTICAL)


def refusals_for(wanted: Iterable[str], known: Iterable[Format]) -> list[Refusal]:
    """
    List why these formats cannot be asked for; empty when they can.

    :param known: formats that are offered
    """
    asked, listed = set(wanted), set(known)
    found = [
        Refusal(
            "format-not-offered",
            "This hub does not write the format “%(format)s”.",
            "Choose among: %(known)s.",
            values={"format": one, "known": ", ".join(sorted(listed))},
            about="formats",
        )
        for one in sorted(asked - listed)
    ]
    if not found and not asked & set(WHOLE):
        found.append(
            Refusal(
                "format-missing",
                "An extract holds a Parquet or a CSV file, whatever else it holds.",
                "Ask for one of them too: a file of SPSS or Stata cannot hold a large extract.",
                about="formats",
            )
        )
    return found


WHOLE = (Format.PARQUET, Format.CSV)
"""Those that hold any extract."""
