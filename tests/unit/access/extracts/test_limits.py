"""What a run may use."""

import pytest

from access.extracts.ports import Limits


@pytest.mark.parametrize(
    ("memory", "rows"), [(10_000, 1 << 17), (600, 1 << 17), (375, 1 << 16), (100, 1 << 12)]
)
def test_less_memory_is_fewer_rows_at_once(memory: int, rows: int) -> None:
    limits = Limits.within(threads=0, memory=memory, disk=3)

    assert (limits.batch_rows, limits.threads, limits.disk_bytes) == (rows, 1, 3 << 30)
