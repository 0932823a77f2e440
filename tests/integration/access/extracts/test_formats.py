"""Which files an extract comes as: asked for in the request, made at the hub or at a node."""

import io
import json
from pathlib import Path
from typing import Any

import pyreadstat
import pytest
from django.utils import timezone

from access.extracts import receiving
from access.extracts.models import Extract
from access.extracts.workflow import State
from access.plans import offered
from access.requests import drafting
from access.requests.drafting import Changes
from access.requests.models import AccessRequest
from catalog.datasets.models import Dataset, Field
from hub.kernel.refusals import Invalid
from tests import people
from tests.factories import nodes, requests, vault
from tests.factories.nodes import AtWork
from tests.integration.access.extracts.making import asked, content, made, object_to, rows

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("own_place")]
ALL = ["parquet", "csv", "spss", "stata"]


def nothing_there(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take the optional packages away."""
    monkeypatch.setattr(offered, "find_spec", lambda _name: None)


def granted(dataset: Dataset, formats: list[str]) -> AccessRequest:
    """Return a request that was approved with these formats."""
    ada = people.ada()
    start = drafting.start

    def with_formats(**about: Any) -> AccessRequest:
        begun = start(**about)
        changes = Changes(formats=formats)
        return drafting.save(request_id=begun.pk, changes=changes, by=ada.actor, at=timezone.now())

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(drafting, "start", with_formats)
        return requests.approved(ada, [dataset])


def read(extract: Extract, tmp_path: Path, kind: str) -> Any:
    path = tmp_path / f"read.{kind}"
    path.write_bytes(content(extract, f"data.{kind}"))
    reader = {"sav": pyreadstat.read_sav, "dta": pyreadstat.read_dta}[kind]
    return reader(path, output_format="dict")


# -- asking -----------------------------------------------------------------------------------------


def test_formats_are_asked_for_over_the_api() -> None:
    request = requests.draft(people.ada(), [vault.dataset_of_pupils(10)])
    api, path = people.ada().api(), f"requests/{request.pk}"
    assert api.get(path).json()["formats"] == ["parquet", "csv"]
    saved = api.patch(path, {"formats": ["stata", "csv", "csv"]})
    assert saved.json()["formats"] == ["csv", "stata"]
    assert api.patch(path, {"title": "x"}).json()["formats"] == ["csv", "stata"]
    for formats, code in (
        (["csv", "pdf"], "format-not-offered"),
        (["spss"], "format-missing"),
        ([], "format-missing"),
    ):
        refused = api.patch(path, {"formats": formats})
        assert refused.status_code == 422
        assert [one["code"] for one in refused.json()["refusals"]] == [code]
    assert api.get(path).json()["formats"] == ["csv", "stata"]


def test_formats_are_ticked_in_the_conditions() -> None:
    request = requests.draft(people.ada(), [vault.dataset_of_pupils(10)])
    browser, path = people.ada().browser(), f"/requests/{request.pk}/conditions"
    assert "SPSS (.sav)" in browser.get(path).text
    sent = {"hosting": "x", "labelled": ["stata"], "version": request.version}
    assert browser.post(path, sent).status_code == 302
    request.refresh_from_db()
    assert request.formats == ["parquet", "csv", "stata"]
    page = browser.get(path).text
    assert 'value="stata"' in page
    assert page.count("checked") == 1
    assert "parquet, csv, stata" in browser.get(f"/requests/{request.pk}/review").text
    assert browser.post(path, {"version": request.version}).status_code == 302
    request.refresh_from_db()
    assert request.formats == ["parquet", "csv"]


def test_what_is_not_installed_is_not_offered(monkeypatch: pytest.MonkeyPatch) -> None:
    nothing_there(monkeypatch)
    request = requests.draft(people.ada(), [vault.dataset_of_pupils(10)])
    page = people.ada().browser().get(f"/requests/{request.pk}/conditions").text
    assert "SPSS" not in page
    refused = people.ada().api().patch(f"requests/{request.pk}", {"formats": ALL})
    assert refused.status_code == 422
    assert "csv, parquet" in refused.json()["refusals"][0]["remedy"]


def test_asking_again_for_what_was_asked_is_no_change() -> None:
    request = requests.draft(people.ada(), [vault.dataset_of_pupils(10)])
    with pytest.MonkeyPatch.context() as patched:
        AccessRequest.objects.filter(pk=request.pk).update(formats=ALL)
        nothing_there(patched)
        changes = Changes({"title": "x"}, formats=ALL)
        at, by = timezone.now(), people.ada().actor
        saved = drafting.save(request_id=request.pk, changes=changes, by=by, at=at)
        assert saved.formats == ALL
        with pytest.raises(Invalid):
            drafting.save(request_id=request.pk, changes=Changes(formats=ALL[1:]), by=by, at=at)


# -- making -----------------------------------------------------------------------------------------


def test_an_extract_holds_the_files_that_were_asked_for(tmp_path: Path) -> None:
    dataset = vault.dataset_of_pupils(500)
    codes = [{"code": "F", "label": "Filles"}, {"code": "M", "label": "Garçons"}]
    Field.objects.filter(name="sexe").update(code_list=codes, label="Sexe de l’élève")
    extract = made(granted(dataset, ALL).pk)
    assert extract.state == State.READY, extract.failure
    names = [file.name for file in extract.files.all()][:4]
    assert names == ["data.parquet", "data.csv", "data.sav", "data.dta"]
    parquet = rows(extract).to_pydict()
    for kind in ("sav", "dta"):
        found, told = read(extract, tmp_path, kind)
        assert found["note"] == parquet["note"]
        assert found["pid"] == [str(one) for one in parquet["pid"]]
        assert found["date_naissance"] == parquet["date_naissance"]
        assert told.column_names_to_labels["sexe"] == "Sexe de l’élève"
    package = json.loads(content(extract, "datapackage.json"))
    [resource] = package["resources"]
    kinds = [resource["format"], *(one["format"] for one in resource["alternates"])]
    assert kinds == ["csv", "parquet", "spss", "stata"]
    types = {file.name: file.media_type for file in extract.files.all()}
    assert types["data.sav"] == "application/x-spss-sav"
    assert b"spss_stata_name" in content(extract, "dictionary.csv")
    page = people.ada().browser().get(f"/extracts/{extract.pk}").text
    assert "read_dta" in page


def test_an_extract_above_the_limit_of_the_hub_comes_without(settings: Any) -> None:
    settings.HUB_STATISTICAL_ROWS = 100
    extract = made(granted(vault.dataset_of_pupils(500), ALL).pk)
    names = {file.name for file in extract.files.all()}
    assert {"data.parquet", "data.csv"} <= names
    assert not names & {"data.sav", "data.dta"}
    assert "data.sav was left out" in content(extract, "account.en.md").decode()


def test_an_extract_fails_clearly_where_the_packages_went_away(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    request = granted(vault.dataset_of_pupils(100), ALL)
    nothing_there(monkeypatch)
    extract = made(request.pk)
    assert [one["code"] for one in extract.failure] == ["no_writer"]


def test_a_node_makes_them(tmp_path: Path) -> None:
    node = AtWork(tmp_path / "node")
    dataset = nodes.published(node)
    object_to(dataset, *vault.ines(3))
    extract = asked(granted(dataset, ALL).pk)
    assert node.step()
    receiving.receive(extract_id=extract.pk, clock=timezone.now)
    extract.refresh_from_db()
    assert extract.state == State.READY, extract.failure
    found, _told = read(extract, tmp_path, "dta")
    assert found["note"] == rows(extract).to_pydict()["note"]
    assert io.BytesIO(content(extract, "data.sav")).read(4) == b"$FL2"


def test_a_node_without_the_packages_refuses(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    node = AtWork(tmp_path / "node")
    dataset = nodes.published(node)
    object_to(dataset, *vault.ines(3))
    extract = asked(granted(dataset, ALL).pk)
    nothing_there(monkeypatch)
    assert node.step()
    extract.refresh_from_db()
    assert [one["code"] for one in extract.failure] == ["no_writer"]
    assert extract.failure[0]["values"] == {"formats": "spss, stata"}
