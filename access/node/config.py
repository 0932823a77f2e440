"""The configuration of a node: one TOML file, and the private files that it names."""

import json
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from access.node.policy import DAYS, Hours, Policy
from hub.crypto.signatures import is_public_key

LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


class ConfigWrong(Exception):
    """The configuration cannot be used; the message says what to write."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """How a node signs in."""

    client_id: str
    secret: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Config:
    """
    Where a node is and what it holds to.

    :param hub: address of the hub
    :param hub_key: the public key with which the hub signs
    :param state: folder of the node's own files
    :param ca: certificates that the hub's is verified with; None: the system's
    :param link_seconds: how long a cut link is waited for
    """

    hub: str
    hub_key: str
    state: Path
    credentials: Path
    identity: Path
    sources: Mapping[str, Mapping[str, Any]]
    policy: Policy
    ca: Path | None = None
    link_seconds: float = 3600.0


def read(path: Path) -> Config:
    """
    Read the configuration of a node.

    :raises ConfigWrong: with what is missing or wrong
    """
    try:
        told = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise ConfigWrong(f"{path} cannot be read: {error.strerror}.") from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigWrong(f"{path} is not TOML: {error}.") from None
    here = path.parent
    state = here / _text(told, "state")
    ca = told.get("ca")
    return Config(
        hub=address(_text(told, "hub")),
        hub_key=_key(_text(told, "hub_key")),
        state=state,
        credentials=here / str(told.get("credentials", state / "credentials.json")),
        identity=here / str(told.get("identity", state / "identity.age")),
        sources=_sources(told, here),
        policy=_policy(told.get("policy", {})),
        ca=here / str(ca) if ca else None,
        link_seconds=float(told.get("link_seconds", 3600)),
    )


def address(text: str) -> str:
    """
    Return the address of a hub.

    :raises ConfigWrong: when it is none, or clear text beyond this machine
    """
    parts = urlsplit(text)
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ConfigWrong("`hub` is the address of the hub: https://…")
    if parts.scheme == "http" and parts.hostname not in LOOPBACK:
        raise ConfigWrong("`hub` begins with https://: in clear text only on this machine.")
    return text.rstrip("/")


def credentials(path: Path) -> Credentials:
    """
    Read the client id and the secret that the hub gave.

    :raises ConfigWrong: when the file is missing, unreadable, or open to others
    """
    try:
        if path.stat().st_mode & 0o077:
            raise ConfigWrong(f"{path} is open to others: chmod 600 {path}")
        told = json.loads(path.read_text(encoding="utf-8"))
        return Credentials(str(told["client_id"]), str(told["secret"]))
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError, TypeError):
        raise ConfigWrong(f'{path} holds {{"client_id": "…", "secret": "…"}}.') from None


def _text(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value:
        raise ConfigWrong(f"`{name}` is missing.")
    return value


def _key(text: str) -> str:
    if not is_public_key(text):
        raise ConfigWrong("`hub_key` is the public key of the hub: copy it from « My nodes ».")
    return text


def _sources(told: Mapping[str, Any], here: Path) -> dict[str, Mapping[str, Any]]:
    found = told.get("sources", {})
    if not isinstance(found, dict) or not all(isinstance(one, dict) for one in found.values()):
        raise ConfigWrong("`[sources.<name>]` says where a table or a file is.")
    return {
        name: {**one, "path": str(here / one["path"])} if "path" in one else one
        for name, one in found.items()
    }


def _policy(told: Mapping[str, Any]) -> Policy:
    try:
        return Policy(
            never=frozenset(str(name) for name in told.get("never", ())),
            smallest_k=int(told.get("smallest_k", 0)),
            hours=_hours(told) if "hours" in told else None,
        )
    except (TypeError, ValueError, ZoneInfoNotFoundError):
        raise ConfigWrong(
            '`[policy]` is: never = ["field"], smallest_k = 10, hours = "08:00-18:00",'
            ' days = ["mon", "tue"], timezone = "Europe/Paris".'
        ) from None


def _hours(told: Mapping[str, Any]) -> Hours:
    opens, closes = (time.fromisoformat(one.strip()) for one in str(told["hours"]).split("-"))
    days = told.get("days", DAYS)
    return Hours(
        opens=opens,
        closes=closes,
        days=frozenset(DAYS.index(day) for day in days),
        zone=ZoneInfo(str(told.get("timezone", "Europe/Paris"))),
    )
