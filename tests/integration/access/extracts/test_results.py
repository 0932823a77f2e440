"""Tables of results, from the request to the files; and what two makings of them would tell."""

import csv
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from frictionless import Package, validate

from access.estimates.actions import ask as ask_count, make as make_count
from access.estimates.queries import REASONS, of as counts_of
from access.extracts import places, queries, recalls, running
from access.extracts.models import Extract, Recall
from access.extracts.workflow import State
from access.grants.models import GrantDataset
from access.plans.plan import Plan
from catalog.datasets.models import Dataset
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Refused
from tests import people
from tests.factories import requests, vault
from tests.integration.access.extracts.making import asked, content, made, object_to

pytestmark = pytest.mark.django_db
BY_SEX = {"dimensions": ["sexe", "session"]}
MARKS = {"dimensions": ["sexe"], "sum_of": "note"}


def only_results(number: int = 2_000, **about: Any) -> Dataset:
    return vault.dataset_of_pupils(number, tier=Tier.RESULTS, **about)


def granted(dataset: Dataset, *tables: dict[str, Any]) -> UUID:
    return requests.approved(people.ada(), [dataset], tables=tables or (BY_SEX, MARKS)).pk


def table(extract: Extract, name: str) -> dict[tuple[str, ...], tuple[str, str]]:
    lines = list(csv.reader(io.StringIO(content(extract, f"{name}.csv").decode())))
    return {tuple(line[:-2]): (line[-2], line[-1]) for line in lines[1:]}


def test_only_tables_leave_and_the_bundle_says_how() -> None:
    dataset = only_results()
    extract = made(granted(dataset))

    assert extract.state == State.READY, extract.failure
    names = {file.name for file in extract.files.all()}
    assert {"table_1.parquet", "table_1.csv", "table_2.parquet", "table_2.csv"} <= names
    assert not {"data.csv", "data.parquet"} & names
    pupils = vault.pupils(2_000)
    girls = [note for sex, note in zip(pupils["sexe"], pupils["note"], strict=True) if sex == "F"]
    assert table(extract, "table_1")["F", "2025"] == (str(len(girls)), "false")
    assert table(extract, "table_1")["_T", "_T"] == ("2000", "false")
    rounded = sum(round(note * 2) / 2 for note in girls)
    assert float(table(extract, "table_2")["F",][0]) == pytest.approx(rounded)
    everything = b"".join(content(extract, name) for name in names)
    assert b"pid" not in everything.replace(b'"pid', b"")
    assert extract.outcome["rows_delivered"] == 0
    for language, word in (("en", "Only tables of results"), ("fr", "")):
        assert word in content(extract, f"account.{language}.md").decode()
    dictionary = content(extract, "dictionary.csv").decode()
    assert "table_1.sexe" in dictionary
    assert "table_2.value,Dataset results,note" in dictionary


def test_the_bundle_of_tables_is_a_data_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    extract = made(granted(only_results()))
    for file in extract.files.all():
        (tmp_path / file.name).write_bytes(content(extract, file.name))

    package = json.loads((tmp_path / "datapackage.json").read_text())
    assert [one["name"] for one in package["resources"]] == ["table_1", "table_2"]
    kinds = [one["type"] for one in package["resources"][0]["schema"]["fields"]]
    assert kinds == ["string", "string", "integer", "boolean"]
    monkeypatch.chdir(tmp_path)
    report = validate("datapackage.json")
    assert report.valid, report.flatten(["message"])
    rows = Package("datapackage.json").get_table_resource("table_1").read_rows()
    assert rows[-1].to_dict() == {
        "sexe": "_T", "session": "_T", "value": 2000, "suppressed": False,
    }  # fmt: skip


def test_the_page_and_the_api_speak_of_tables() -> None:
    extract = made(granted(only_results()))
    page = people.ada().browser().get(reverse("extract", args=[extract.pk])).content.decode()
    assert "table_1.parquet" in page
    assert reverse("api_extract_file", args=[extract.pk, "table_1.csv"]) in page
    told = people.ada().api().get(f"extracts/{extract.pk}").json()["outcome"]
    assert [one["name"] for one in told["tables"]] == ["table_1", "table_2"]
    assert told["persons"] is None


def test_an_objection_recalls_no_table_and_the_next_one_tells_of_nobody() -> None:
    dataset = only_results()
    grant = granted(dataset)
    first = made(grant)
    object_to(dataset, *vault.ines(3))
    recalls.follow("", {"dataset": str(dataset.pk)}, timezone.now())
    assert not Recall.objects.exists()

    again = made(grant)
    assert again.state == State.FAILED
    assert [one["code"] for one in again.failure] == ["table_few_changed"]
    object_to(dataset, *vault.ines(200))
    later = made(grant)
    assert later.state == State.READY, later.failure
    assert later.pk != first.pk
    assert table(later, "table_1")["_T", "_T"] == ("1800", "false")


def test_the_worker_makes_no_row_when_the_plan_lost_its_tables() -> None:
    grant = granted(only_results())
    extract = asked(grant)
    row = GrantDataset.objects.get()
    plan = json.loads(row.plan)
    del plan["tables"]
    row.plan = json.dumps(plan, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    row.plan_digest = Plan.from_json(row.plan).digest
    row.save()
    Extract.objects.update(plan_digest=row.plan_digest)

    running.run(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["rows-never-leave"]


def test_a_plan_of_tables_is_not_counted_beforehand() -> None:
    grant = granted(only_results())
    row = GrantDataset.objects.get(grant_id=grant)
    plan = Plan.from_json(row.plan)
    count = ask_count(
        plan=plan, release_id=row.release_id, by=people.grace().actor, at=timezone.now()
    )
    make_count(estimate_id=count.pk, at=timezone.now())
    assert counts_of([plan.digest])[plan.digest].reason == REASONS["tables"]


# -- rows that were granted before ----------------------------------------------------------------------


def tighten(dataset: Dataset) -> None:
    dataset.declared_tier = Tier.RESULTS
    dataset.save(update_fields=["declared_tier"])


def test_rows_granted_before_only_results_may_leave_are_neither_asked_nor_fetched() -> None:
    dataset = vault.dataset_of_pupils()
    grant = requests.approved(people.ada(), [dataset]).pk
    extract = made(grant)
    tighten(dataset)

    with pytest.raises(Refused, match="never rows"):
        asked(grant)
    with pytest.raises(Refused, match="never rows"):
        queries.file_for(
            actor=people.ada().actor, extract_id=extract.pk, name="data.csv", at=timezone.now()
        )


def test_the_worker_makes_no_rows_once_only_results_may_leave() -> None:
    dataset = vault.dataset_of_pupils()
    extract = asked(requests.approved(people.ada(), [dataset]).pk)
    tighten(dataset)

    running.run(extract_id=extract.pk, clock=timezone.now)

    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["rows-never-leave"]
    assert not list(places.extracts().iterdir())
