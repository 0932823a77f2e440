"""
How few persons stand behind a row: k-anonymity counted on distinct subjects. Pure.

A *cell* is one combination of the values of the quasi-identifiers; a missing value is a value like
another. What counts in a cell is how many different subjects it holds, not how many rows: ten
yearly rows of one pupil are one. A row without an identifier is in its cell and counts for nobody.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

Counts = npt.NDArray[np.int64]
_ROOM = 1 << 62


@dataclass(frozen=True, slots=True)
class Verdict:
    """
    What the check found.

    :param rows: checked, those of small cells included
    :param small_cells: cells with fewer than k subjects
    :param suppressed: rows of small cells
    """

    k: int
    rows: int
    cells: int
    small_cells: int
    suppressed: int

    @property
    def share(self) -> float:
        """Return the share of rows to suppress, 0 when there is no row."""
        return self.suppressed / self.rows if self.rows else 0.0


def combinations(codes: Sequence[Counts]) -> tuple[Counts, Counts]:
    """
    Number the combinations of several codes.

    :returns: a row where each combination stands, and the combination of each row
    """
    combined = codes[0]
    for code in codes[1:]:
        size = int(code.max(initial=0)) + 1
        if int(combined.max(initial=0)) + 1 > _ROOM // size:
            # The product of the categories leaves 62 bits: keep only the combinations that exist.
            combined = pa.array(combined).dictionary_encode().indices.to_numpy().astype(np.int64)
        combined = combined * size + code
    encoded = pa.array(combined).dictionary_encode()
    inverse = encoded.indices.to_numpy(zero_copy_only=False).astype(np.int64)
    first = np.zeros(len(encoded.dictionary), np.int64)
    first[inverse[::-1]] = np.arange(len(inverse))[::-1]
    return first, inverse
