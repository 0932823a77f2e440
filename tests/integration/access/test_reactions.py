"""What follows from an event: who is told, once, in their language."""

import ast
from pathlib import Path

import pytest
from django.conf import settings
from django.core import mail
from django.utils import timezone

from access.grants.actions import take as take_grant
from access.grants.workflow import Step as GrantStep
from access.reactions import REACTIONS, react
from access.requests.actions import Said, take
from access.requests.drafting import Wish
from access.requests.states import Step
from hub.outbox.models import Message
from tests import people
from tests.factories import requests
from tests.factories.catalogue import dataset

pytestmark = pytest.mark.django_db


def settle_all() -> list[mail.EmailMessage]:
    """React to all that is owed, as the workers would, and return what was sent."""
    mail.outbox.clear()
    while waiting := list(Message.objects.filter(done_at=None, tries=0)):
        for message in waiting:
            react(message_id=str(message.pk))
    return list(mail.outbox)


def told(sent: list[mail.EmailMessage]) -> set[str]:
    return {address for message in sent for address in message.to}


def test_a_submission_is_told_to_the_stewards_once() -> None:
    grace = people.grace()
    people.katherine()
    requests.submitted()

    sent = settle_all()
    for message in Message.objects.all():
        react(message_id=str(message.pk))

    assert told(sent) == {grace.user.email}
    assert len(mail.outbox) == 1
    assert "/admin/requests/" in sent[0].body


def test_a_decision_is_told_to_the_applicant_in_their_language() -> None:
    ada = people.ada()
    ada.user.language = "en"
    ada.user.save(update_fields=["language"])
    request = requests.in_review(ada)
    settle_all()
    take(
        request_id=request.pk,
        step=Step.REJECT,
        by=people.grace().actor,
        at=timezone.now(),
        said=Said(reason="Not needed."),
    )

    [sent] = settle_all()

    assert sent.to == [ada.user.email]
    assert sent.subject == "Rejected: “What explains the marks”"
    assert sent.body.startswith("Hello Ada Example,")


def test_the_data_protection_officer_is_asked_when_the_rules_require_it() -> None:
    noor = people.noor()
    wishes = (*requests.FIELDS, Wish("handicap", justification="It is the subject."))
    requests.in_review(fields=wishes)

    assert noor.user.email in told(settle_all())


def test_the_team_learns_that_its_grant_was_revoked() -> None:
    people.alan()
    request = requests.approved(team=["alan@example.org"])
    settle_all()
    take_grant(
        grant_id=request.pk,
        step=GrantStep.REVOKE,
        by=people.grace().actor,
        at=timezone.now(),
        reason="Breach.",
    )

    assert told(settle_all()) == {"ada@example.org", "alan@example.org"}


def test_the_teams_learn_that_a_dataset_was_withdrawn() -> None:
    base = dataset()
    requests.approved(datasets=[base])
    settle_all()
    message = Message.objects.create(
        event="dataset.withdrawn",
        payload={"dataset_id": str(base.pk)},
        key="w",
        owed_at=timezone.now(),
        next_try_at=timezone.now(),
    )
    react(message_id=str(message.pk))

    assert told(settle_all()) == {"ada@example.org"}


def test_nobody_is_told_whose_account_is_closed() -> None:
    ada = people.ada()
    requests.approved(ada)
    ada.user.is_active = False
    ada.user.save(update_fields=["is_active"])

    assert ada.user.email not in told(settle_all())


def test_every_event_that_is_owed_has_its_line() -> None:
    owed = set()
    for app in ("hub", "catalog", "access"):
        for path in (Path(settings.BASE_DIR) / app).rglob("*.py"):
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
                if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {
                    "owe",
                    "owe_each",
                }:
                    owed |= {
                        k.value.value
                        for k in node.keywords
                        if k.arg == "event" and isinstance(k.value, ast.Constant)
                    }

    steps = {f"request.{step}" for step in Step if step != Step.SAVE} | {
        f"grant.{step}" for step in GrantStep
    }
    assert (owed | steps) <= set(REACTIONS)
