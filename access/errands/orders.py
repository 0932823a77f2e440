"""
Orders to nodes: what is signed, how it is verified, and what the sealed letter holds. Pure.

The hub signs the order, and the order holds the digest of everything that comes with it: the body
(a plan, or what was declared of a source), the letter with the keys, the list of persons. Whoever
stands between the hub and the node can change nothing of it, replay nothing, send it nowhere else.
"""

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from access.extracts.ports import ExtractKeys
from hub.crypto.keys import Secret
from hub.crypto.signatures import is_signed

PROTOCOL = 1
DOMAIN = b"education-data-hub/node-order/1\n"
LIFE = timedelta(minutes=5)
SKEW = timedelta(minutes=2)
"""How far the clocks of the hub and of a node may be apart."""


STAGES = ("reading", "checking", "writing", "sending")
"""Where a node may be in an extract: the engine's stages, then the way back."""


class Kind(StrEnum):
    """What a node is asked to do."""

    EXTRACT = "extract"
    INTAKE = "intake"


class OrderRefused(Exception):
    """A node does not do what it is told: ``code`` says why, ``values`` fill the sentence."""

    def __init__(self, code: str, **values: object) -> None:
        self.code = code
        self.values = values
        super().__init__(code)


@dataclass(frozen=True, slots=True)
class Order:
    """
    What a node is told, and what is signed.

    :param body_digest: SHA-256 of the body: for an extract, the digest of the approved plan
    :param keys_digest: SHA-256 of the sealed letter
    :param consent_digest: of the list of persons, empty when there is none
    :param content_digest: what the node said of the source when it took it in
    :param rows: how many it took in
    """

    kind: Kind
    job: str
    attempt: int
    node: str
    source: str
    issued_at: datetime
    expires_at: datetime
    nonce: str
    body_digest: str
    keys_digest: str
    consent_digest: str = ""
    content_digest: str = ""
    rows: int | None = None
    protocol: int = PROTOCOL

    def to_json(self) -> str:
        """Return the canonical JSON: sorted keys, no blanks, UTF-8."""
        told = asdict(self)
        told |= {name: told[name].isoformat() for name in ("issued_at", "expires_at")}
        return json.dumps(told, sort_keys=True, separators=(",", ":"), ensure_ascii=False)

    @classmethod
    def from_json(cls, text: str) -> "Order":
        """
        Read back what :meth:`to_json` wrote.

        :raises ValueError: when it is no order
        """
        try:
            told = json.loads(text)
            moments = {
                name: datetime.fromisoformat(told[name]) for name in ("issued_at", "expires_at")
            }
            order = cls(**{**told, **moments, "kind": Kind(told["kind"])})
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("This is not an order.") from error
        if order.issued_at.tzinfo is None or order.expires_at.tzinfo is None:
            raise ValueError("The moments of an order have an offset.")
        return order


@dataclass(frozen=True, slots=True)
class Envelope:
    """
    An order with its signature and all that its digests are of.

    :param body: canonical JSON of a plan, or of what was declared of a source
    :param letter: the keys, sealed to the node
    """

    order: str
    signature: bytes
    body: str
    letter: bytes = field(repr=False)

    def told(self) -> dict[str, str]:
        """Return it as plain values."""
        return {
            "order": self.order,
            "signature": base64.b64encode(self.signature).decode(),
            "body": self.body,
            "letter": base64.b64encode(self.letter).decode(),
        }


def envelope_read(told: Mapping[str, Any]) -> Envelope:
    """
    Return the envelope that :meth:`Envelope.told` wrote.

    :raises OrderRefused: when it is none
    """
    try:
        return Envelope(
            order=str(told["order"]),
            signature=base64.b64decode(told["signature"], validate=True),
            body=str(told["body"]),
            letter=base64.b64decode(told["letter"], validate=True),
        )
    except (KeyError, TypeError, binascii.Error, ValueError):
        raise OrderRefused("order-unreadable") from None


def digest(content: bytes) -> str:
    """Return the SHA-256 of something that an order is about."""
    return hashlib.sha256(content).hexdigest()


def signed(order: Order) -> bytes:
    """Return the bytes that are signed: never those of another kind of text."""
    return DOMAIN + order.to_json().encode()


def verified(envelope: Envelope, *, public: str, node: str, at: datetime) -> Order:
    """
    Return the order of an envelope, once everything about it is right.

    Whether it was seen before is asked where what was seen is kept.

    :param public: the public key of the hub
    :param node: the client id of the node
    :raises OrderRefused: at the first thing that is not right
    """
    # The signature is looked at before anything is read.
    if not is_signed(DOMAIN + envelope.order.encode(), envelope.signature, public=public):
        raise OrderRefused("signature-invalid")
    try:
        order = Order.from_json(envelope.order)
    except ValueError:
        raise OrderRefused("order-unreadable") from None
    if order.protocol != PROTOCOL:
        raise OrderRefused("protocol-unknown", found=order.protocol, known=PROTOCOL)
    if order.node != node:
        raise OrderRefused("other-node")
    if not order.issued_at - SKEW <= at < order.expires_at:
        raise OrderRefused("order-expired", issued=order.issued_at.isoformat())
    if digest(envelope.body.encode()) != order.body_digest:
        raise OrderRefused("body-altered")
    if digest(envelope.letter) != order.keys_digest:
        raise OrderRefused("keys-altered")
    return order


# -- the letter ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class ExtractLetter:
    """
    The keys of one extract.

    :param file: of the files that come back
    :param consents: of the list of persons; None when there is none
    :param left_out: names of the cells that earlier extracts of the grant left out
    """

    keys: ExtractKeys = field(repr=False)
    file: Secret = field(repr=False)
    consents: Secret | None = field(repr=False)
    left_out: frozenset[bytes] = frozenset()

    def to_json(self) -> bytes:
        """Return the letter, to be sealed at once."""
        told = {
            "pseudonyms": _revealed(self.keys.pseudonyms),
            "order": self.keys.order.reveal().hex(),
            "cells": self.keys.cells.reveal().hex(),
            "file": self.file.reveal().hex(),
            "consents": self.consents.reveal().hex() if self.consents else "",
            "left_out": sorted(name.hex() for name in self.left_out),
        }
        return json.dumps(told).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "ExtractLetter":
        """Read back what :meth:`to_json` wrote."""
        told = json.loads(content)
        keys = ExtractKeys(
            pseudonyms=_secrets(told["pseudonyms"]),
            order=_secret(told["order"]),
            cells=_secret(told["cells"]),
        )
        consents = _secret(told["consents"]) if told["consents"] else None
        left_out = frozenset(bytes.fromhex(name) for name in told["left_out"])
        return cls(keys, _secret(told["file"]), consents, left_out)


@dataclass(frozen=True, slots=True)
class IntakeLetter:
    """The keys of stage 1, by whom an identifier names."""

    identifiers: Mapping[str, Secret] = field(repr=False)

    def to_json(self) -> bytes:
        """Return the letter, to be sealed at once."""
        return json.dumps({"identifiers": _revealed(self.identifiers)}).encode()

    @classmethod
    def from_json(cls, content: bytes) -> "IntakeLetter":
        """Read back what :meth:`to_json` wrote."""
        return cls(_secrets(json.loads(content)["identifiers"]))


def _revealed(secrets: Mapping[str, Secret]) -> dict[str, str]:
    return {name: secret.reveal().hex() for name, secret in secrets.items()}


def _secrets(told: Mapping[str, str]) -> dict[str, Secret]:
    return {name: _secret(text) for name, text in told.items()}


def _secret(text: str) -> Secret:
    return Secret(bytes.fromhex(text))
