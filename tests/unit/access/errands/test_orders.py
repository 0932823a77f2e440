"""Whoever stands between the hub and a node can change nothing, replay nothing, send it elsewhere."""

import json
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from access.errands.orders import (
    DOMAIN,
    LIFE,
    SKEW,
    Envelope,
    ExtractLetter,
    IntakeLetter,
    Kind,
    Order,
    OrderRefused,
    digest,
    envelope_read,
    signed,
    verified,
)
from access.extracts.ports import ExtractKeys
from hub.crypto.keys import Secret, new_secret
from hub.crypto.signatures import signer_of

SIGNER = signer_of(Secret(b"the house"))
NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
BODY, LETTER, NODE = '{"plan":1}', b"sealed", "0190a2b4-0000-7000-8000-000000000001"
ORDER = Order(
    kind=Kind.EXTRACT,
    job="0190a2b4-0000-7000-8000-000000000002",
    attempt=1,
    node=NODE,
    source="pupils",
    issued_at=NOW,
    expires_at=NOW + LIFE,
    nonce="0" * 32,
    body_digest=digest(BODY.encode()),
    keys_digest=digest(LETTER),
    rows=12,
)


def sealed(order: Order = ORDER, **changed: Any) -> Envelope:
    envelope = Envelope(order.to_json(), SIGNER.sign(signed(order)), BODY, LETTER)
    return replace(envelope, **changed)


def verify(envelope: Envelope, *, node: str = NODE, at: datetime = NOW) -> Order:
    return verified(envelope, public=SIGNER.public, node=node, at=at)


def refused(envelope: Envelope, **how: Any) -> str:
    with pytest.raises(OrderRefused) as caught:
        verify(envelope, **how)
    return caught.value.code


def test_an_order_of_the_hub_is_read_as_it_was_written() -> None:
    assert verify(sealed()) == ORDER


def test_an_envelope_travels_as_plain_values() -> None:
    told = json.loads(json.dumps(sealed().told()))
    assert verify(envelope_read(told)) == ORDER
    for broken in ({}, {**told, "signature": "é"}, {**told, "letter": 3}):
        with pytest.raises(OrderRefused, match="order-unreadable"):
            envelope_read(broken)


@given(st.data())
@settings(max_examples=60)
def test_an_order_changed_by_one_character_is_not_the_hubs(data: st.DataObject) -> None:
    text = ORDER.to_json()
    at = data.draw(st.integers(0, len(text) - 1))
    sign = data.draw(
        st.characters(min_codepoint=32, max_codepoint=126).filter(lambda c: c != text[at])
    )
    changed = replace(sealed(), order=text[:at] + sign + text[at + 1 :])
    assert refused(changed) == "signature-invalid"


def test_an_order_signed_by_another_house_is_refused() -> None:
    other = signer_of(Secret(b"another house"))
    assert refused(sealed(signature=other.sign(signed(ORDER)))) == "signature-invalid"


def test_a_list_of_sums_that_the_hub_signed_is_no_order() -> None:
    text = ORDER.to_json()
    assert refused(sealed(signature=SIGNER.sign(text.encode()))) == "signature-invalid"
    assert not DOMAIN[:1].isdigit()


def test_an_order_for_another_node_is_refused() -> None:
    assert refused(sealed(), node="somebody else") == "other-node"


@pytest.mark.parametrize(
    "at", [NOW + LIFE, NOW + timedelta(days=1), NOW - SKEW - timedelta(seconds=1)]
)
def test_an_order_out_of_its_time_is_refused(at: datetime) -> None:
    assert refused(sealed(), at=at) == "order-expired"


def test_a_clock_a_little_behind_is_forgiven() -> None:
    assert verify(sealed(), at=NOW - SKEW) == ORDER


def test_another_plan_than_the_one_that_was_signed_is_refused() -> None:
    assert refused(sealed(body='{"plan":2}')) == "body-altered"


def test_other_keys_than_those_that_were_signed_are_refused() -> None:
    assert refused(sealed(letter=b"others")) == "keys-altered"


def test_an_order_of_a_protocol_to_come_is_refused_with_both_versions() -> None:
    with pytest.raises(OrderRefused) as caught:
        verify(sealed(replace(ORDER, protocol=2)))
    assert (caught.value.code, caught.value.values) == (
        "protocol-unknown",
        {"found": 2, "known": 1},
    )


@pytest.mark.parametrize(
    "text",
    ["{}", "[]", "x", json.dumps({**json.loads(ORDER.to_json()), "more": 1}),
     json.dumps({**json.loads(ORDER.to_json()), "issued_at": "2026-03-01T12:00:00"})],
)  # fmt: skip
def test_what_the_hub_signed_and_is_no_order_is_refused(text: str) -> None:
    signature = SIGNER.sign(DOMAIN + text.encode())
    assert refused(replace(sealed(), order=text, signature=signature)) == "order-unreadable"


def test_letters_are_read_as_they_were_written_and_show_nothing() -> None:
    keys = ExtractKeys({"pupil": new_secret()}, new_secret(), new_secret())
    letter = ExtractLetter(keys, new_secret(), new_secret(), frozenset({b"c" * 16}))
    assert ExtractLetter.from_json(letter.to_json()) == letter
    without = ExtractLetter(keys, new_secret(), None)
    assert ExtractLetter.from_json(without.to_json()) == without
    intake = IntakeLetter({"pupil": new_secret()})
    assert IntakeLetter.from_json(intake.to_json()) == intake
    for one in (letter, intake, sealed()):
        assert "Secret" not in repr(one)
        assert "sealed" not in repr(one)
