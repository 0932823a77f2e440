"""Short names are the same for the same columns, and SPSS and Stata take every one of them."""

import re

from hypothesis import given, strategies as st

from access.extracts.short_names import LONGEST, RESERVED, short_names


def test_names_are_plain_short_and_told_apart() -> None:
    names = [
        "pid", "Académie", "academie", "ACADÉMIE ", "n°", "2025", "by", "With", "_n", "str12", "",
        "é", "x" * 40, "x" * 41, "日本", "taux (%)", "a__b",
    ]  # fmt: skip
    assert list(short_names(names).values()) == [
        "pid", "Academie", "academie_2", "ACADEMIE_3", "n", "v_2025", "v_by", "v_With", "n_2",
        "v_str12", "v", "e", "x" * 28, "x" * 26 + "_2", "v_2", "taux", "a_b",
    ]  # fmt: skip


@given(st.lists(st.text(), unique=True))
def test_every_name_is_taken_by_both(names: list[str]) -> None:
    short = list(short_names(names).values())
    assert len({one.lower() for one in short}) == len(names)
    for one in short:
        assert re.fullmatch(r"[A-Za-z][A-Za-z0-9_]*", one)
        assert len(one) <= LONGEST
        assert one.lower() not in RESERVED
