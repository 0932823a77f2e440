"""The keys of a whole hub, opened as only its two halves together can: to search for their bytes."""

import base64
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from access.extracts.places import file_key
from access.extracts.ports import keys_of
from access.plans.crossing import Recipe, cross
from access.plans.plan import Plan
from access.pseudonymisation.queries import GRANTS, about
from catalog.datasets.house_keys import VAULT
from hub.crypto.keyring import Keyring
from hub.crypto.keys import Secret, master_key, stage_one_key
from hub.keyring.queries import ABOUT, PURPOSE
from tests.factories.whole_hub import WholeHub

ATTRIBUTES = ("pupil", "teacher", "household")


def secret_folders(hub: WholeHub) -> tuple[Path, ...]:
    """Return where keys are meant to be: the only places."""
    return hub.var / "secrets", hub.var / "grant-keys"


@dataclass(frozen=True, slots=True)
class KeyBytes:
    """What must be found nowhere else: keys as they are, in hexadecimal and in base64."""

    names: dict[bytes, str] = field(repr=False)
    _pattern: re.Pattern[bytes] = field(repr=False)

    def found_in(self, content: bytes) -> set[str]:
        """Return which keys are in some bytes, however they are written."""
        return {self.names[one] for one in self._pattern.findall(content)}

    @property
    def keys(self) -> set[str]:
        """Return what the keys are called."""
        return set(self.names.values())


def key_bytes(named: dict[str, Secret]) -> KeyBytes:
    """Return the forms in which keys may be written, by what each is called."""
    names: dict[bytes, str] = {}
    for name, secret in named.items():
        value = secret.reveal()
        # The last letter of base64 holds bits of what follows; a key may begin anywhere in it.
        whole = [base64.b64encode(bytes(shift) + value) for shift in range(3)]
        inside = [each[4 if shift else 0 : 40] for shift, each in enumerate(whole)]
        forms = [value, value.hex().encode(), value.hex().upper().encode(), *inside]
        forms += [each.replace(b"+", b"-").replace(b"/", b"_") for each in inside]
        names |= dict.fromkeys(forms, name)
    pattern = re.compile(b"|".join(map(re.escape, names)))
    return KeyBytes(names, pattern)


def keys_of_the_hub(hub: WholeHub) -> KeyBytes:
    """Open every key that the hub has now."""
    return key_bytes(dict(_keys(hub)))


def _keys(hub: WholeHub) -> Iterator[tuple[str, Secret]]:
    master = base64.b64decode((hub.var / "secrets" / "master.key").read_bytes())
    ring = Keyring(master_key(master))
    yield "master", Secret(master)
    [[wrapped]] = hub.ask("select wrapped from hub_housesecret")
    house = ring.unwrap(bytes(wrapped), PURPOSE, *ABOUT)
    yield "house", house
    for attribute in ATTRIBUTES:
        yield f"stage 1 of {attribute}", stage_one_key(house, attribute)
    vault = "select path, wrapped_key from catalog_vaultfile where wrapped_key is not null"
    for path, wrapped in hub.ask(vault):
        yield f"vault file {path}", ring.unwrap(bytes(wrapped), VAULT, path)
    for grant, version, wrapped in hub.ask(
        "select grant_id, version, wrapped from access_grantsecret where wrapped is not null"
    ):
        share = Secret((hub.var / "grant-keys" / f"{grant}.share").read_bytes())
        yield f"share of {grant}", share
        secret = ring.unwrap(bytes(wrapped), GRANTS, *about(grant, version), share=share)
        yield f"secret of {grant}", secret
        yield from _keys_of_grant(hub, grant, secret)


def _keys_of_grant(hub: WholeHub, grant: UUID, secret: Secret) -> Iterator[tuple[str, Secret]]:
    plans = "select plan from access_grantdataset where grant_id = %s order by dataset_id::text"
    found = [Plan.from_json(text) for [text] in hub.ask(plans, grant)]
    recipes: list[Recipe] = [cross(found)] if found[0].crossing else [*found]
    for recipe in recipes:
        keys = keys_of(recipe, secret)
        yield f"order of {recipe.name}", keys.order
        yield f"cells of {recipe.name}", keys.cells
        for attribute, key in keys.pseudonyms.items():
            yield f"pseudonyms of {attribute} in {recipe.name} of {grant}", key
    mine = (
        "select e.id from access_extract e join access_grantdataset g on g.id = e.granted_id"
        " where g.grant_id = %s"
    )
    for [extract] in hub.ask(mine, grant):
        yield f"files of {extract}", file_key(secret, extract)
