"""Tables of results asked for instead of rows: over the API, on the pages, under examination."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from access.grants.models import GrantDataset
from access.plans.plan import Plan
from access.requests import drafting
from access.requests.models import AccessRequest
from access.requests.revisions import differences
from catalog.datasets.models import Dataset
from catalog.vocabularies.levels import Tier
from hub.kernel.refusals import Invalid
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import signed_by

pytestmark = pytest.mark.django_db
BY_SEX = {"dimensions": ["sexe", "session"], "sum_of": ""}
MARKS = {"dimensions": ["session"], "sum_of": "note"}
WISHES = [
    {"name": "session"},
    {"name": "sexe", "justification": "The gap is the question."},
    {"name": "note", "justification": "It is what we explain."},
]


def only_results(slug: str = "results", **about: Any) -> Dataset:
    return dataset(slug, tier=Tier.RESULTS, **about)


def text(response: Any) -> str:
    return str(response.content.decode())


def test_the_whole_path_of_tables_over_the_api() -> None:
    base = only_results(dominance_n=2, dominance_k=70.0)
    ada, grace = people.ada(), people.grace().api()
    signed_by(ada)
    caller = ada.api()
    ends_on = (timezone.now() + timedelta(days=90)).date().isoformat()
    begun = caller.post(
        "requests", {**requests.TEXTS, "ends_on": ends_on, "datasets": [base.slug]}
    )
    url = f"requests/{begun.json()['id']}"
    rows = caller.put(f"{url}/datasets/{base.slug}", {"wishes": WISHES})
    assert rows.json()["datasets"][0]["tables"] == []
    [plan] = caller.get(f"{url}/plan").json()
    assert [one["code"] for one in plan["refusals"]] == ["rows_never_leave"]
    assert caller.post(f"{url}/steps/submit", {}).status_code == 409

    asked = {"wishes": WISHES, "tables": [BY_SEX, MARKS]}
    saved = caller.put(f"{url}/datasets/{base.slug}", asked)
    assert saved.json()["datasets"][0]["tables"] == [BY_SEX, MARKS]
    [plan] = caller.get(f"{url}/plan", **{"Accept-Language": "en"}).json()
    assert plan["tables"][:2] == [
        "Table 1: number of persons by sexe × session.",
        "Table 2: sum of note by session.",
    ]
    assert "70" in plan["tables"][3]
    assert caller.post(f"{url}/steps/submit", {}).json()["state"] == "submitted"
    grace.post(f"{url}/steps/start_review", {})
    said = {"dataset": base.slug, "reason": "Sound."}
    assert grace.post(f"{url}/steps/approve", said).status_code == 409
    opinion = {"role": "dpo", "favourable": True, "reason": "Fine."}
    people.noor().api().post(f"{url}/steps/give_opinion", opinion)
    assert grace.post(f"{url}/steps/approve", said).json()["state"] == "approved"

    [granted] = caller.get(f"grants/{begun.json()['id']}").json()["datasets"]
    assert granted["effective"] is True
    assert granted["tables"][0] == {
        "name": "table_1", "dimensions": ["sexe", "session"], "sum_of": "",
    }  # fmt: skip
    plan_ = Plan.from_json(GrantDataset.objects.get().plan)
    assert (plan_.tables[1].dominance_n, plan_.tables[1].dominance_k) == (2, 70.0)


@pytest.mark.parametrize(
    ("tables", "code"),
    [
        ([{"dimensions": []}], "dimensions"),
        ([{"dimensions": ["a", "b", "c"]}], "dimensions"),
        ([{"sum_of": "note"}], "dimensions"),
        ([{"dimensions": "sexe"}], "dimensions"),
    ],
)
def test_a_table_that_cannot_be_read_is_422(tables: list[Any], code: str) -> None:
    request = requests.draft(people.ada(), [only_results()])
    answer = people.ada().api().put(f"requests/{request.pk}/datasets/results", {"tables": tables})
    assert answer.status_code == 422
    assert code in text(answer)


@pytest.mark.parametrize(
    "tables",
    [[{"dimensions": "sexe"}], [{"dimensions": [1]}], [{"dimensions": [], "sum_of": 1}], [{}]],
)
def test_choose_refuses_tables_that_nobody_can_read(tables: list[Any]) -> None:
    request = requests.draft(people.ada(), [only_results()])
    with pytest.raises(Invalid, match="not readable"):
        requests.draft(people.ada(), [Dataset.objects.get()], tables=tables)
    assert request.datasets.get().tables == []


def test_choose_refuses_a_crowd_of_tables() -> None:
    with pytest.raises(Invalid, match="too many tables"):
        requests.draft(people.ada(), [only_results()], tables=[BY_SEX] * 21)


def test_a_page_asks_for_tables_where_only_they_leave_and_says_what_is_wrong() -> None:
    base = only_results()
    ada = people.ada()
    request = requests.draft(ada, [base])
    url = reverse("request_fields", args=[request.pk, base.pk])
    browser = ada.browser("en")

    page = text(browser.get(url))
    assert 'name="table-first"' in page
    assert "You will receive nothing of handicap" not in page
    assert "never rows" in page
    chosen = {f"ask-{position}": "1" for position in (3, 5, 6)}
    why = {"why-3": "The gap.", "why-6": "Marks."}
    tables = {
        "table-first": ["sexe", "session", ""],
        "table-second": ["", "", ""],
        "table-sum": ["", "note", "note"],
    }
    assert browser.post(url, {**chosen, **why, **tables}).status_code == 302
    assert AccessRequest.objects.get().datasets.get().tables == [
        {"dimensions": ["sexe"], "sum_of": ""},
        {"dimensions": ["session"], "sum_of": "note"},
    ]
    page = text(browser.get(url))
    assert "Table 1" in page
    tables["table-second"] = ["date_naissance", "", ""]
    browser.post(url, {**chosen, **why, **tables})
    assert "date_naissance" in re.sub("<[^>]+>", "", text(browser.get(url)))
    assert 'name="table-first"' not in text(
        browser.get(
            reverse(
                "request_fields",
                args=[
                    requests.draft(ada, [dataset("other")]).pk,
                    Dataset.objects.get(slug="other").pk,
                ],
            )
        )
    )


def test_who_examines_reads_the_tables_and_what_changed_of_them() -> None:
    base = only_results()
    request = requests.in_review(datasets=[base], tables=[BY_SEX])
    page = text(people.grace().browser().get(reverse("examine_request", args=[request.pk])))
    assert "sexe × session" in page
    assert reverse("examine_estimate", args=[request.pk, base.pk]) not in page

    first = request.revisions.get().content
    second = {
        **first,
        "datasets": {str(base.pk): {**first["datasets"][str(base.pk)], "tables": []}},
    }
    [changed] = differences(first, second)
    assert changed.what == f"{base.pk}/tables"
    old = {**first["datasets"][str(base.pk)]}
    del old["tables"]
    assert differences(second, {**first, "datasets": {str(base.pk): old}}) == []


def test_who_examines_tables_is_told_of_no_demand_that_rows_alone_must_meet() -> None:
    base = only_results(l_diversity=3, t_closeness=0.2, uniqueness=0.1)
    request = requests.in_review(datasets=[base], tables=[BY_SEX])
    page = text(people.grace().browser("en").get(reverse("examine_request", args=[request.pk])))
    assert "Smallest group" in page
    for measure in ("l-diversity", "t-closeness", "a few facts single out"):
        assert measure not in page


def test_the_page_of_a_grant_names_its_tables() -> None:
    request = requests.approved(datasets=[only_results()], tables=[BY_SEX])
    url = reverse("grant", args=[request.pk])
    assert "sexe × session" in text(people.ada().browser().get(url))
    GrantDataset.objects.update(plan="{}")
    page = text(people.ada().browser("en").get(url))
    assert "sexe × session" not in page
    assert "rows" in page


def test_the_page_of_the_dataset_says_what_tables_would_be_made_of() -> None:
    base = only_results()
    page = text(people.ada().browser("en").get(reverse("dataset", args=[base.slug])))
    assert "The tables are made of" in page
    assert "tables of results name nobody" in page
    assert "you will receive a pseudonym" not in page


def test_tables_make_two_requests_different() -> None:
    base = only_results()
    requests.submitted(datasets=[base], tables=[BY_SEX])
    other = requests.submitted(datasets=[base], tables=[MARKS])
    assert other.state == "submitted"


def test_a_draft_may_give_its_tables_up() -> None:
    ada, base = people.ada(), dataset()
    request = requests.draft(ada, [base], tables=[BY_SEX])
    drafting.choose(
        request_id=request.pk,
        dataset_id=base.pk,
        fields=requests.FIELDS,
        filters=[],
        by=ada.actor,
        at=timezone.now(),
    )
    assert request.datasets.get().tables == []
