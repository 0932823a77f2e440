"""The steps of the whole path over the API, each as one function."""

import io
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.csv
from django.utils import timezone

from tests.factories.whole_hub import Caller, eventually

NAMES = "NOMFICTIF"
"""How the names of these tests' own pupils begin; the guide of curl has the same."""
WISHES = ("ine", "sexe", "niveau", "note_lecture")


def pupils(size: int, *, seed: int = 7) -> bytes:
    """Return a base of pupils who do not exist, as CSV."""
    dice = np.random.default_rng(seed)
    letters = np.array(list("ABCDEFGHJK"))
    digits = np.char.zfill(np.arange(size).astype(str), 9)
    two = np.char.add(dice.choice(letters, size), dice.choice(letters, size))
    table = pa.table(
        {
            "ine": np.char.add(digits, two),
            "nom": np.char.add(NAMES, digits),
            "sexe": dice.choice(["F", "M"], size),
            "niveau": dice.choice(["6EME", "5EME", "4EME", "3EME"], size),
            "note_lecture": dice.integers(0, 41, size) / 2,
        }
    )
    text = io.BytesIO()
    options = pyarrow.csv.WriteOptions(delimiter=";", quoting_style="needed")
    pyarrow.csv.write_csv(table, text, options)
    return text.getvalue()


def publish_pupils(producer: Caller, *, title: str, rows: bytes) -> str:
    """Register, describe, take in and publish a base of pupils; return its slug."""
    slug: str = producer.api(
        "POST",
        "/datasets",
        {
            "title": title,
            "unit": "pupil",
            "summary": "Une ligne par élève.",
            "description": "Données tirées au sort.",
            "contact_email": "donnees@demo.example",
            "collection_basis": "public_task",
            "retention_months": 36,
        },
    )["slug"]
    fields = producer.send(
        "PUT", f"/api/v1/datasets/{slug}/upload", rows, {"Content-Type": "text/csv"}
    ).json()
    said = [
        {"name": one["name"], "label": one["name"], "definition": one["name"]} for one in fields
    ]
    producer.api("PATCH", f"/datasets/{slug}/fields", {"fields": said, "confirm_all": True})
    take_in(producer, slug)
    producer.api("POST", f"/datasets/{slug}/publication")
    return slug


def take_in(producer: Caller, slug: str) -> None:
    """Take the rows of a dataset in, and wait until it is done."""
    producer.api("POST", f"/datasets/{slug}/ingestion")

    def over() -> Any:
        job = producer.api("GET", f"/datasets/{slug}/ingestion")
        assert job["state"] != "failed", job["refusals"]
        return job["state"] == "done"

    eventually(over, what="The rows are never taken in.")


def granted(
    researcher: Caller, steward: Caller, *, slug: str, title: str, names: Sequence[str] = WISHES
) -> str:
    """Ask for fields of a dataset, have it approved, and return the grant."""
    number = researcher.api("GET", "/charters/researcher")["number"]
    researcher.api("POST", "/charters/researcher/signature", {"number": number, "agreed": True})
    asked = researcher.api(
        "POST",
        "/requests",
        {
            "title": title,
            "context": "Des tests.",
            "question": "Rien n'est-il perdu ?",
            "outputs": "Une réponse.",
            "purpose": "research",
            "legal_basis": "public_task",
            "hosting": "Ici.",
            "security": "Chiffré.",
            "ends_on": (timezone.localdate() + timedelta(days=100)).isoformat(),
        },
    )["id"]
    researcher.api(
        "PUT",
        f"/requests/{asked}/datasets/{slug}",
        {"wishes": [{"name": name, "justification": "Pour le test."} for name in names]},
    )
    researcher.api("POST", f"/requests/{asked}/steps/submit", {})
    steward.api("POST", f"/requests/{asked}/steps/start_review", {})
    steward.api(
        "POST",
        f"/requests/{asked}/steps/approve",
        {"dataset": slug, "reason": "Proportionné."},
    )
    return str(researcher.api("GET", f"/requests/{asked}")["grant_id"])


def start_extract(researcher: Caller, grant: str) -> str:
    """Start the extract of a grant, and return it."""
    return str(researcher.api("POST", f"/grants/{grant}/extracts", {})["id"])


def files_of(researcher: Caller, extract: str) -> dict[str, bytes]:
    """Download every file of an extract."""
    shown = researcher.api("GET", f"/extracts/{extract}")
    found = {}
    for file in shown["files"]:
        answer = researcher.get(file["href"])
        assert answer.status == 200
        found[file["name"]] = answer.content
    return found
