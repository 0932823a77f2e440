"""Build profiles of columns for the tests of proposals and rules."""

from collections.abc import Sequence

import pyarrow as pa

from catalog.datasets.profiles import ColumnProfile, profile_sample
from catalog.datasets.proposals import Proposal, propose
from catalog.vocabularies.levels import Unit


def profiled(name: str, values: Sequence[str | None] | pa.Array) -> ColumnProfile:
    """Profile one column."""
    array = values if isinstance(values, pa.Array) else pa.array(values, pa.string())
    return profile_sample(pa.table({name: array}))[0]


def proposed(
    name: str, values: Sequence[str | None] | pa.Array, unit: Unit = Unit.PUPIL
) -> Proposal:
    """Propose for one column."""
    return propose([profiled(name, values)], unit)[0]
