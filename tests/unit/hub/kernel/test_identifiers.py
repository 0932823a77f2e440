"""Identifiers as the French education system writes them."""

import pytest

from hub.kernel.identifiers import is_uai, looks_like_ine, new_id


@pytest.mark.parametrize("uai", ["0530030V", "0720902P", "0442691L"])
def test_is_uai_accepts_a_code_with_its_key(uai: str) -> None:
    assert is_uai(uai)


@pytest.mark.parametrize("text", ["0530030W", "053003V", "0530030I", "", "0530030v", "05300300V"])
def test_is_uai_refuses_another_key_or_shape(text: str) -> None:
    assert not is_uai(text)


@pytest.mark.parametrize(
    "text", ["123456789AB", "1234567890G", "ABCDEFGHIJ1", "1234A56789B", " 123456789ab "]
)
def test_looks_like_ine_knows_its_forms(text: str) -> None:
    assert looks_like_ine(text)


@pytest.mark.parametrize("text", ["", "123456789A", "123456789AI", "DUPONT"])
def test_looks_like_ine_leaves_other_texts(text: str) -> None:
    assert not looks_like_ine(text)


def test_new_ids_sort_by_their_creation() -> None:
    made = [new_id() for _ in range(100)]

    assert made == sorted(made)
    assert {identifier.version for identifier in made} == {7}
