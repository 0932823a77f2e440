"""Texts travel as small numbers, and come back as they were."""

import pyarrow as pa

from access.extracts.domains import Domain

TEXTS = ["b", None, "a", "b"]


def column(texts: list[str | None]) -> pa.DictionaryArray:
    return pa.array(texts, pa.string()).dictionary_encode()


def test_what_is_restored_holds_the_values_of_these_rows_only_in_their_own_order() -> None:
    domain = Domain()
    domain.coded(column(["never", "b"]))
    found = domain.restored(domain.coded(column(TEXTS)))

    assert found.to_pylist() == TEXTS
    assert found.dictionary.to_pylist() == ["a", "b"]


def test_a_dictionary_that_holds_a_missing_value_is_read_as_missing() -> None:
    odd = pa.DictionaryArray.from_arrays(pa.array([0, 1]), pa.array(["a", None]))
    domain = Domain()

    assert domain.restored(domain.coded(odd)).to_pylist() == ["a", None]


def test_past_its_room_a_domain_gives_texts_and_still_reads_its_codes() -> None:
    domain = Domain(most=2)
    codes = domain.coded(column(["a", "b", "a"]))
    texts = domain.coded(column(["c"]))

    assert domain.full
    assert domain.restored(codes).to_pylist() == ["a", "b", "a"]
    assert domain.restored(texts).to_pylist() == domain.coded(column(["c"])).to_pylist() == ["c"]


def test_codes_grow_wider_with_the_values() -> None:
    domain = Domain()
    kinds = [domain.coded(column([str(n) for n in range(size)])).type for size in (9, 200, 40_000)]

    assert kinds == [pa.int8(), pa.int16(), pa.int32()]
