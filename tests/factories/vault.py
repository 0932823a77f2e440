"""Rows in the vault: pupils who do not exist, sealed as ingestion seals them."""

import random
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any

import pyarrow as pa

from catalog.datasets.house_keys import VAULT, file_key, identifier_key
from catalog.datasets.models import Dataset, Release
from catalog.vault import files
from catalog.vault.models import VaultFile
from hub.crypto.files import parquet_writer
from hub.crypto.subjects import subject_keys
from tests.factories import catalogue

SEXES = ("F", "M")


def ines(number: int) -> list[str]:
    """Return identifiers that look like national ones."""
    return [f"{1_000_000_000 + index}A" for index in range(number)]


def pupils(number: int) -> dict[str, list[Any]]:
    """Return one row a pupil, the same at each call."""
    chance = random.Random(7)
    born = [date(2008, 1, 1) + timedelta(days=chance.randrange(4 * 365)) for _ in range(number)]
    return {
        "ine": ines(number),
        "date_naissance": born,
        "sexe": [chance.choice(SEXES) for _ in range(number)],
        "departement": [chance.choice(("54", "2A", "971")) for _ in range(number)],
        "session": ["2025"] * number,
        "note": [chance.randrange(80) / 4 for _ in range(number)],
        "handicap": [chance.choice(("oui", "non")) for _ in range(number)],
    }


def keep(
    dataset: Dataset,
    rows: dict[str, list[Any]],
    row_group: int = 1 << 16,
    release: Release | None = None,
) -> Release:
    """Put rows in the vault for a published release of a dataset, the only one unless named."""
    release = release or Release.objects.get(dataset=dataset)
    columns: dict[str, pa.Array] = {
        name: subject_keys(pa.array(values, pa.string()), identifier_key("pupil"))
        if name == "ine"
        else pa.array(values)
        for name, values in rows.items()
    }
    table = pa.table(columns)
    name = files.new_name(release.pk, "parquet")
    secret, wrapped = file_key(VAULT, name)
    with files.appearing(name) as path, parquet_writer(path, table.schema, secret) as writer:
        writer.write_table(table, row_group_size=row_group)
    size, digest = files.digest(name)
    VaultFile.objects.create(
        release=release,
        format="parquet",
        path=name,
        wrapped_key=wrapped,
        rows=table.num_rows,
        bytes=size,
        sha256=digest,
    )
    release.row_count = table.num_rows
    release.save(update_fields=["row_count"])
    return release


def dataset_of_pupils(number: int = 2_000, slug: str = "results", **about: Any) -> Dataset:
    """Return a published dataset with rows in the vault."""
    found = catalogue.dataset(slug, **about)
    keep(found, pupils(number))
    return found


def opposition(identifiers: Sequence[str]) -> bytes:
    """Return a file of objections."""
    lines = ["identifiant;decision;date", *(f"{one};opposition;2026-03-01" for one in identifiers)]
    return "\n".join(lines).encode()
