"""Steps of a request, on the real database."""

from datetime import timedelta

import pytest
from django.utils import timezone

from access.grants.models import Grant
from access.requests.actions import Said, lapse, take
from access.requests.drafting import Wish, choose
from access.requests.models import AccessRequest, Decision, Opinion
from access.requests.states import Adviser, State, Step
from catalog.vocabularies.levels import Tier
from hub.audit.models import AuditEvent
from hub.kernel.refusals import Invalid, Refused, Stale, Unknown
from hub.outbox.models import Message
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset
from tests.factories.charters import signed_by
from tests.people import Person

pytestmark = pytest.mark.django_db


def codes(refused: pytest.ExceptionInfo[Refused]) -> set[str]:
    return {refusal.code for refusal in refused.value.refusals}


def step(request: AccessRequest, name: Step, by: Person, **said: object) -> AccessRequest:
    return take(
        request_id=request.pk,
        step=name,
        by=by.actor,
        at=timezone.now(),
        said=Said(**said),  # type: ignore[arg-type]
    )


def test_submit_raises_the_revision_and_keeps_what_was_said() -> None:
    request = requests.submitted()

    assert (request.state, request.revision) == (State.SUBMITTED, 1)
    content = request.revisions.get().content
    assert content["title"] == "What explains the marks"
    assert Message.objects.filter(event="request.submit").count() == 1


def test_submit_refuses_who_has_not_signed_and_changes_nothing() -> None:
    ada = people.ada()
    request = requests.draft(ada, [dataset()])
    before = AuditEvent.objects.count()

    with pytest.raises(Refused) as refused:
        step(request, Step.SUBMIT, ada)

    assert codes(refused) == {"no-charter"}
    request.refresh_from_db()
    assert request.state == State.DRAFT
    assert AuditEvent.objects.count() == before


def test_submit_refuses_an_empty_request_with_every_reason_at_once() -> None:
    ada = people.ada()
    signed_by(ada)
    request = requests.draft(ada, [], context="", question="")

    with pytest.raises(Refused) as refused:
        step(request, Step.SUBMIT, ada)

    assert codes(refused) == {"missing-context", "missing-question", "no-dataset"}


def test_submit_refuses_rows_of_a_dataset_of_which_only_results_leave() -> None:
    ada = people.ada()
    signed_by(ada)
    request = requests.draft(ada, [dataset(tier=Tier.RESULTS)])

    with pytest.raises(Refused) as refused:
        step(request, Step.SUBMIT, ada)

    assert codes(refused) == {"rows_never_leave"}


def test_approve_refuses_rows_once_only_results_may_leave() -> None:
    known = dataset()
    request = requests.in_review(datasets=[known])
    known.declared_tier = Tier.RESULTS
    known.save(update_fields=["declared_tier"])

    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), known)

    assert "rows_never_leave" in codes(refused)
    assert not Grant.objects.exists()


def test_approval_issues_a_grant_with_the_plan_that_the_reviewers_saw() -> None:
    request = requests.approved()

    grant = Grant.objects.get()
    assert grant.pk == request.pk
    [granted] = grant.datasets.all()
    assert '"grant":"' + str(request.pk) in granted.plan
    assert [member.user_id for member in grant.members.all()] == [request.applicant_id]
    kinds = [event.kind for event in AuditEvent.objects.order_by("seq")]
    assert kinds[-2:] == ["grant.issue", "request.approve"]


def test_a_level_4_field_needs_an_opinion_and_two_signatories() -> None:
    wishes = (*requests.FIELDS, Wish("handicap", justification="It is the subject."))
    base = dataset()
    request = requests.in_review(datasets=[base], fields=wishes)

    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), base)
    assert codes(refused) == {"opinion-missing"}

    step(
        request,
        Step.GIVE_OPINION,
        people.noor(),
        adviser=Adviser.DPO,
        favourable=True,
        reason="ok",
    )
    assert requests.approve(request.pk, people.grace(), base).state == State.IN_REVIEW
    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), base)
    assert codes(refused) == {"approved-already"}
    assert requests.approve(request.pk, people.edsger(), base).state == State.APPROVED
    assert Grant.objects.count() == 1


def test_an_unfavourable_opinion_is_overridden_in_writing_only() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    step(
        request,
        Step.GIVE_OPINION,
        people.noor(),
        adviser=Adviser.DPO,
        favourable=False,
        reason="no",
    )

    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), base)
    assert codes(refused) == {"opinion-unfavourable"}

    step(
        request, Step.APPROVE, people.grace(), dataset_id=base.pk, reason="ok", override="Because."
    )
    assert Grant.objects.get().override == "Because."


def test_any_change_voids_the_opinions() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])
    step(
        request,
        Step.GIVE_OPINION,
        people.noor(),
        adviser=Adviser.DPO,
        favourable=False,
        reason="no",
    )
    step(request, Step.REQUEST_CHANGES, people.grace(), reason="Fewer fields, please.")
    step(request, Step.SUBMIT, people.ada())
    step(request, Step.START_REVIEW, people.grace())

    assert requests.approve(request.pk, people.grace(), base).state == State.APPROVED
    assert Opinion.objects.get().revision == 1


def test_a_request_on_two_producers_waits_for_both() -> None:
    ours, theirs = dataset(), dataset("town-base", producer=people.katherine().organisation)
    request = requests.in_review(datasets=[ours, theirs])

    assert requests.approve(request.pk, people.grace(), ours).state == State.IN_REVIEW
    with pytest.raises(Refused) as refused:
        requests.approve(request.pk, people.grace(), theirs)
    assert codes(refused) == {"not-your-dataset"}
    assert requests.approve(request.pk, people.katherine(), theirs).state == State.APPROVED
    assert Grant.objects.get().datasets.count() == 2


def test_reject_says_why_and_ends_it() -> None:
    request = requests.submitted()

    with pytest.raises(Refused):
        step(request, Step.REJECT, people.grace())
    rejected = step(request, Step.REJECT, people.grace(), reason="Not needed for the question.")

    assert rejected.state == State.REJECTED
    assert Decision.objects.get().reason == "Not needed for the question."
    with pytest.raises(Refused):
        step(request, Step.WITHDRAW, people.ada())


def test_strangers_cannot_even_know() -> None:
    request = requests.in_review()

    for nobody in (people.linus(), people.katherine(), people.margaret(), people.alan()):
        for name in set(Step) - {Step.SAVE}:
            with pytest.raises(Unknown):
                step(request, name, nobody)


def test_an_older_version_is_stale() -> None:
    request = requests.submitted()

    with pytest.raises(Stale):
        take(
            request_id=request.pk,
            step=Step.WITHDRAW,
            by=people.ada().actor,
            at=timezone.now(),
            version=request.version - 1,
        )


def test_the_same_request_is_not_sent_twice() -> None:
    base = dataset()
    requests.submitted(datasets=[base])
    again = requests.draft(people.ada(), [base])

    with pytest.raises(Refused) as refused:
        step(again, Step.SUBMIT, people.ada())

    assert codes(refused) == {"identical-open"}


def test_drafts_lapse_after_ninety_days_and_their_authors_are_warned_before() -> None:
    signed_by(people.ada())
    request = requests.draft(people.ada(), [dataset()])
    began = timezone.now()

    assert lapse(at=began + timedelta(days=84)) == 0
    assert lapse(at=began + timedelta(days=84, hours=1)) == 0
    assert Message.objects.filter(event="request.lapses_soon").count() == 1
    assert lapse(at=began + timedelta(days=91)) == 1

    request.refresh_from_db()
    assert request.state == State.LAPSED


@pytest.mark.parametrize(
    ("about", "code"),
    [
        ({"days": -1}, "end-past"),
        ({"days": 5000}, "end-too-far"),
        ({"fields": [Wish("unheard_of")]}, "field-not-published"),
        ({"fields": [Wish("note")]}, "not-justified"),
        (
            {
                "fields": [Wish("sexe", justification="Compare.")],
                "filters": [{"field": "session", "operator": "in", "values": ["2025"]}],
            },
            "filter-not-allowed",
        ),
        ({"purpose": "pedagogy"}, "purpose-not-accepted"),
    ],
)
def test_submit_refuses_what_the_rules_do_not_allow(about: dict[str, object], code: str) -> None:
    ada = people.ada()
    signed_by(ada)
    base = dataset(accepted_purposes=["research"], accepted_profiles=["researcher"])
    request = requests.draft(ada, [base], **about)  # type: ignore[arg-type]

    with pytest.raises(Refused) as refused:
        step(request, Step.SUBMIT, ada)

    assert code in codes(refused)


@pytest.mark.parametrize("field", ["ine", "handicap", "note", "unheard_of"])
def test_a_draft_never_keeps_the_values_of_a_filter_by_a_sensitive_field(field: str) -> None:
    ada, base = people.ada(), dataset()
    request = requests.draft(ada, [base])
    before = request.datasets.get().row_filters

    with pytest.raises(Invalid) as refused:
        choose(
            request_id=request.pk,
            dataset_id=base.pk,
            fields=[Wish("ine", justification="Count.")],
            filters=[{"field": field, "operator": "in", "values": ["123456789AB"]}],
            by=ada.actor,
            at=timezone.now(),
        )

    assert codes(refused) == {"filter-not-allowed"}
    assert request.datasets.get().row_filters == before


def test_submit_refuses_a_profile_that_the_producer_does_not_accept() -> None:
    signed_by(people.ada())
    request = requests.draft(people.ada(), [dataset(accepted_profiles=["authority"])])

    with pytest.raises(Refused) as refused:
        step(request, Step.SUBMIT, people.ada())

    assert codes(refused) == {"profile-not-accepted"}


def test_an_approval_falls_when_the_catalogue_changes_the_plan_that_was_approved() -> None:
    ours, theirs = dataset(), dataset("town-base", producer=people.katherine().organisation)
    request = requests.in_review(datasets=[ours, theirs])
    requests.approve(request.pk, people.grace(), ours)
    ours.k = 20
    ours.save(update_fields=["k"])

    assert requests.approve(request.pk, people.katherine(), theirs).state == State.IN_REVIEW
    assert not Grant.objects.exists()
    assert requests.approve(request.pk, people.grace(), ours).state == State.APPROVED
    assert Decision.objects.filter(dataset=ours).count() == 2
    assert '"k":20' in Grant.objects.get().datasets.get(dataset=ours).plan


def test_a_signatory_who_saw_another_plan_is_told() -> None:
    base = dataset()
    request = requests.in_review(datasets=[base])

    with pytest.raises(Stale):
        step(
            request,
            Step.APPROVE,
            people.grace(),
            dataset_id=base.pk,
            reason="Sound.",
            plan_digest="0" * 64,
        )
