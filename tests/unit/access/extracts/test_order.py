"""Rows are in the order of the pseudonyms, also where these differ in their last bits only."""

import numpy as np
import pyarrow as pa
import pytest

from access.extracts.ordering import _order
from access.extracts.passes import Gathered


@pytest.mark.parametrize("ends", [(b"\0" * 9, b"\0" * 8 + b"\1"), (b"\0" * 9, b"\1" * 9)])
def test_persons_whose_pseudonyms_begin_alike_are_not_mixed(ends: tuple[bytes, bytes]) -> None:
    subjects = [b"\7" * 7 + ends[row % 2] for row in range(40)]
    tie = np.arange(40, dtype=np.uint64) << np.uint64(50)
    rows = Gathered((), pa.array([*subjects, None], pa.binary(16)), np.append(tie, tie[:1]), None)

    order, persons = _order(rows, 3)
    found = [subjects[row] for row in order if row < 40]

    assert found == sorted(found)
    assert len(set(persons[persons >= 0].tolist())) == 2
    assert persons[order == 40].tolist() == [-1]
