"""Keys that people hold: typed as people type, kept as a digest, sealing in layers."""

import re

import pytest

from hub.crypto.held_keys import digest_of, is_key, layered, new_key, peeled, read_key
from hub.crypto.keys import KeyRefused, Secret

ABOUT = ("demand", "1")


def test_a_key_has_160_bits_and_reads_well() -> None:
    keys = {new_key() for _ in range(200)}

    assert len(keys) == 200
    assert all(re.fullmatch(r"[A-Z2-7]{4}(-[A-Z2-7]{4}){7}", key) for key in keys)
    assert {len(read_key(key)) for key in keys} == {20}


@pytest.mark.parametrize(
    "typed",
    [
        "abcd-efgh-ijkl-mnop-qrst-uvwx-yz23-4567",
        " ABCDEFGH IJKLMNOP\tQRSTUVWX YZ234567 ",
        "ABCD EFGH 1JKL MN0P QRST UVWX YZ23 4567",
    ],
)
def test_case_blanks_hyphens_and_look_alikes_do_not_matter(typed: str) -> None:
    assert read_key(typed) == read_key("ABCD-EFGH-IJKL-MNOP-QRST-UVWX-YZ23-4567")


def test_an_eight_is_read_as_a_b() -> None:
    assert read_key("8" + "A" * 31) == read_key("B" + "A" * 31)


@pytest.mark.parametrize("typed", ["", "ABCD", "A" * 24, "A" * 40, "é" * 32, "9" * 32, "A=" * 16])
def test_what_is_no_key_is_refused(typed: str) -> None:
    with pytest.raises(ValueError):  # noqa: PT011 - base64 says it in words of its own
        read_key(typed)


def test_a_digest_knows_its_key_and_what_it_is_for() -> None:
    key, other = read_key(new_key()), read_key(new_key())
    digest = digest_of(key, *ABOUT)

    assert len(digest) == 32
    assert is_key(key, digest, *ABOUT)
    assert not is_key(other, digest, *ABOUT)
    assert not is_key(key, digest, "demand", "2")
    assert not is_key(key, b"", *ABOUT)


def test_layers_come_off_in_order_with_each_key_alone() -> None:
    first, second = Secret(b"1" * 20), Secret(b"2" * 20)
    sealed = layered(layered(b"content", under=first, about=ABOUT), under=second, about=ABOUT)

    inner = peeled(sealed, under=second, about=ABOUT)

    assert b"content" not in inner
    assert peeled(inner, under=first, about=ABOUT) == b"content"
    for content, key, about in (
        (sealed, first, ABOUT),
        (inner, second, ABOUT),
        (sealed, second, ("demand", "2")),
        (sealed[:-1], second, ABOUT),
    ):
        with pytest.raises(KeyRefused):
            peeled(content, under=key, about=about)
