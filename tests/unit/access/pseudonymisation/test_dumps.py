"""What could be a wrapped secret is found in a dump, wherever it stands."""

import pytest

from access.pseudonymisation.dumps import LONGEST, SHORTEST, values

VALUE = bytes(range(69))


@pytest.mark.parametrize(
    "line",
    [
        f"id\t1\t\\\\x{VALUE.hex()}\t\\N\n",
        f"INSERT INTO t VALUES ('\\x{VALUE.hex()}', 1);\n",
        f"a\t\\\\x{VALUE.hex().upper()}\n",
        f"\\\\x00\t\\\\x{VALUE.hex()}",
    ],
)
def test_a_value_is_found_as_a_dump_writes_it(line: str) -> None:
    assert list(values([line.encode()])) == [VALUE]


def test_every_value_of_a_line_is_found() -> None:
    line = f"\\\\x{VALUE.hex()}\t\\\\x{VALUE[::-1].hex()}"

    assert list(values([line.encode()])) == [VALUE, VALUE[::-1]]


@pytest.mark.parametrize("size", [1, SHORTEST, LONGEST + 1])
def test_what_is_too_short_or_too_long_to_be_one_is_left_out(size: int) -> None:
    assert not list(values([b"\\\\x" + b"ab" * size]))
