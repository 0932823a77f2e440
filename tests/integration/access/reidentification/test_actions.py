"""Who files a demand, who approves it, how long it lives, how often there may be one."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from access.extracts.models import Extract
from access.grants.actions import admit
from access.pseudonymisation.actions import destroy_secret
from access.reidentification import actions, queries
from access.reidentification.actions import close, lapse, refuse
from access.reidentification.models import Reidentification
from access.reidentification.rules import Filing
from access.reidentification.tasks import lapse_reidentifications
from access.requests.drafting import Wish
from hub.audit.models import AuditEvent
from hub.kernel.periods import day_of
from hub.kernel.refusals import Invalid, Refused, Unknown
from hub.people.actions import leave
from hub.people.permissions import Actor, Profile, Role
from tests import people
from tests.factories import requests, vault
from tests.integration.access.extracts.making import granted, made
from tests.integration.access.reidentification.asking import (
    NEED,
    approved,
    asking,
    both,
    extracted,
    filed,
    leave_at_a_node,
)
from tests.people import Person, person

pytestmark = pytest.mark.django_db
PID = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"
OTHER = "1a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


def codes(error: Any) -> list[str]:
    return [one.code for one in error.value.refusals]


def with_a_key() -> Any:
    """Return a grant whose secret was made with its extract."""
    grant = granted()
    made(grant)
    return grant


# -- filing ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("first", "second"),
    [(people.grace, people.noor), (people.noor, people.grace), (people.noor, people.edsger)],
)
def test_a_signatory_and_an_officer_do_it_together(first: Any, second: Any) -> None:
    grant = with_a_key()
    issued = filed(grant, PID, by=first())

    answered = approved(issued.demand, by=second())

    assert answered.demand.state == "approved"
    assert issued.key != answered.key
    kept = Reidentification.objects.get()
    assert {kept.filed_by_id, kept.second_id} == {first().user.pk, second().user.pk}


def test_two_signatories_or_one_person_alone_do_not() -> None:
    grant = with_a_key()
    issued = filed(grant, PID, by=people.grace())

    for alone in (people.grace(), people.edsger()):
        with pytest.raises(Refused) as error:
            approved(issued.demand, by=alone)
        assert codes(error) == ["not-your-step"]


def test_one_person_with_both_offices_is_one_person() -> None:
    grant = with_a_key()
    roles = (Role.SIGNATORY, Role.DPO)
    both_offices = person("Radia", people.statistics_office(), Profile.PRODUCER, roles)
    issued = filed(grant, PID, by=both_offices)
    assert issued.demand.filed_as == "signatory"

    with pytest.raises(Refused) as error:
        approved(issued.demand, by=both_offices)

    assert codes(error) == ["not-your-step"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Reidentification.objects.update(second=both_offices.user)


def test_whoever_is_no_officer_of_the_data_knows_of_nothing() -> None:
    grant = with_a_key()
    issued = filed(grant, PID)

    for stranger in (
        people.ada(),
        people.alan(),
        people.katherine(),
        people.barbara(),
        people.margaret(),
        people.linus(),
    ):
        with pytest.raises(Unknown):
            filed(grant, PID, by=stranger)
        with pytest.raises(Unknown):
            approved(issued.demand, by=stranger)
        assert queries.mine(actor=stranger.actor, at=timezone.now()) == []


def test_an_auditor_reads_and_does_nothing() -> None:
    grant = with_a_key()
    issued, hedy = filed(grant, PID), people.hedy()

    [seen] = queries.mine(actor=hedy.actor, at=timezone.now())
    assert (seen.demand.pk, seen.steps) == (issued.demand.pk, [])
    for act in (
        lambda: filed(grant, PID, by=hedy),
        lambda: approved(issued.demand, by=hedy),
        lambda: close(demand_id=issued.demand.pk, reason="x", by=hedy.actor, at=timezone.now()),
    ):
        with pytest.raises(Refused) as error:
            act()
        assert codes(error) == ["not-your-step"]


def test_a_role_of_the_administration_takes_every_office_away() -> None:
    grant = with_a_key()
    roles = (Role.SIGNATORY, Role.HUB_ADMIN)
    mixed = person("Radia", people.statistics_office(), Profile.PRODUCER, roles)

    with pytest.raises(Unknown):
        filed(grant, PID, by=mixed)


def _joins_the_laboratory(grant: Any, someone: Person) -> None:
    person(someone.user.first_name, people.laboratory(), Profile.RESEARCHER)


def _joins_the_team(grant: Any, someone: Person) -> None:
    admit(
        grant_id=grant,
        user_id=someone.user.pk,
        membership_id=someone.membership.pk,
        at=timezone.now(),
    )


@pytest.mark.parametrize("joins", [_joins_the_laboratory, _joins_the_team])
def test_nobody_of_the_holders_side_files_or_approves(joins: Any) -> None:
    grant = with_a_key()
    issued = filed(grant, PID, by=people.grace())
    noor = people.noor()
    joins(grant, noor)

    with pytest.raises(Unknown):
        approved(issued.demand, by=noor)
    with pytest.raises(Refused) as error:
        filed(grant, PID, by=noor)
    assert codes(error) == ["own-side"]
    at = timezone.now()
    assert queries.of_grant(actor=noor.actor, grant_id=grant, at=at).seen == []


def test_somebody_invited_to_the_team_stands_on_its_side() -> None:
    noor = people.noor()
    grant = requests.approved(
        people.ada(), [vault.dataset_of_pupils()], team=[noor.user.email.upper()]
    ).pk
    made(grant)

    with pytest.raises(Refused) as error:
        filed(grant, PID, by=noor)

    assert codes(error) == ["own-side"]


def test_whoever_left_their_office_has_no_part_any_more() -> None:
    grant = with_a_key()
    issued = filed(grant, PID)
    leave(membership=people.grace().membership, at=timezone.now())

    with pytest.raises(Unknown):
        close(
            demand_id=issued.demand.pk,
            reason="Perdu.",
            by=Actor(people.grace().user.pk),
            at=timezone.now(),
        )


def test_what_is_wrong_with_a_demand_is_said_and_nothing_is_kept() -> None:
    grant = with_a_key()

    with pytest.raises(Invalid) as error:
        actions.file(
            grant_id=grant,
            filing=Filing((PID, "x"), "", "y", "z"),
            by=people.grace().actor,
            at=timezone.now(),
        )

    assert codes(error) == ["missing-need", "not-a-pseudonym"]
    assert not Reidentification.objects.exists()


def test_a_grant_without_a_key_designates_nobody() -> None:
    grant = granted()
    with pytest.raises(Refused) as error:
        filed(grant, PID)
    assert codes(error) == ["key-gone"]

    made(grant)
    issued = filed(grant, PID)
    destroy_secret(grant_id=grant, at=timezone.now())
    with pytest.raises(Refused) as error:
        approved(issued.demand)
    assert codes(error) == ["key-gone"]


def test_a_dataset_at_a_node_or_without_pseudonyms_is_refused() -> None:
    grant = with_a_key()
    leave_at_a_node(Extract.objects.get().release_id)
    with pytest.raises(Refused) as error:
        filed(grant, PID)
    assert codes(error) == ["at-a-node"]

    fields = [Wish("session"), Wish("note", justification="It is what we explain.")]
    bare = granted(vault.dataset_of_pupils(slug="bare"), fields=fields)
    with pytest.raises(Refused) as error:
        filed(bare, PID)
    assert codes(error) == ["no-pseudonym"]


def test_of_a_grant_on_several_datasets_one_is_named() -> None:
    datasets = [vault.dataset_of_pupils(), vault.dataset_of_pupils(slug="other")]
    grant = requests.approved(people.ada(), datasets).pk
    by, at = people.grace().actor, timezone.now()

    with pytest.raises(Invalid) as error:
        actions.file(grant_id=grant, filing=asking(PID), by=by, at=at)

    assert codes(error) == ["which-dataset"]
    with pytest.raises(Unknown):
        actions.file(grant_id=grant, dataset_id=grant, filing=asking(PID), by=by, at=at)


# -- how often ------------------------------------------------------------------------------------


def test_one_demand_is_open_at_a_time_on_a_dataset_of_a_grant() -> None:
    grant = with_a_key()
    issued = filed(grant, PID)
    with pytest.raises(Refused) as error:
        filed(grant, OTHER, by=people.noor())
    assert codes(error) == ["open-already"]

    by = people.grace().actor
    close(demand_id=issued.demand.pk, reason="Clef perdue.", by=by, at=timezone.now())

    assert filed(grant, PID).demand.state == "filed"


def test_the_quota_is_of_the_dataset_whoever_holds_it_and_says_when_it_ends(settings: Any) -> None:
    settings.HUB_REIDENTIFICATION_DEMANDS = 2
    dataset = vault.dataset_of_pupils()
    mine, theirs = granted(dataset), granted(dataset, people.linus())
    made(mine)
    made(theirs, people.linus())
    now = timezone.now()
    filed(mine, PID, at=now)
    filed(theirs, PID, at=now + timedelta(days=10))

    with pytest.raises(Refused) as error:
        filed(mine, PID, at=now + timedelta(days=20))

    [refusal] = error.value.refusals
    assert refusal.code == "quota"
    assert refusal.values["day"] == (day_of(now) + timedelta(days=365)).isoformat()
    assert filed(mine, PID, at=now + timedelta(days=365)).demand.state == "filed"


# -- the end --------------------------------------------------------------------------------------


def test_a_demand_without_an_answer_lapses_to_the_second_and_is_wiped() -> None:
    grant, pids = extracted()
    at = timezone.now()
    issued = filed(grant, *list(pids.values())[:2], at=at)
    late = at + timedelta(days=7)

    assert lapse(at=late - timedelta(seconds=1)) == 0
    with pytest.raises(Refused) as error:
        approved(issued.demand, at=late)
    assert codes(error) == ["not-from-here"]
    assert lapse(at=late) == 1
    assert lapse(at=late) == 0

    kept = Reidentification.objects.get()
    assert (kept.state, kept.sealed, kept.filing_digest) == ("lapsed", None, None)
    lapse_reidentifications()
    lapse_reidentifications()


def test_an_approval_that_was_not_used_lapses_after_two_days() -> None:
    grant = with_a_key()
    demand, _keys = both(grant, PID)

    assert lapse(at=timezone.now() + timedelta(hours=47)) == 0
    assert lapse(at=timezone.now() + timedelta(hours=49)) == 1
    assert Reidentification.objects.get(pk=demand.pk).approval_digest is None


def test_what_lapsed_unseen_makes_room_for_another() -> None:
    grant, at = with_a_key(), timezone.now()
    former = filed(grant, PID, at=at)

    filed(grant, OTHER, at=at + timedelta(days=8))

    assert Reidentification.objects.get(pk=former.demand.pk).state == "lapsed"


def test_the_second_person_refuses_with_a_reason() -> None:
    grant = with_a_key()
    issued, noor = filed(grant, PID), people.noor().actor
    about: Any = {"demand_id": issued.demand.pk, "by": noor, "at": timezone.now()}
    with pytest.raises(Refused) as error:
        refuse(reason=" ", **about)
    assert codes(error) == ["reason-missing"]
    with pytest.raises(Invalid) as error:
        refuse(reason=f"Pas {PID}.", **about)
    assert codes(error) == ["names-a-person"]

    refused = refuse(reason="Aucune base légale.", **about)

    assert (refused.state, refused.reason, refused.sealed) == (
        "refused",
        "Aucune base légale.",
        None,
    )
    with pytest.raises(Refused):
        approved(issued.demand)


def test_either_closes_an_approved_demand_and_the_filer_alone_one_that_waits() -> None:
    grant = with_a_key()
    issued = filed(grant, PID)
    noor = people.noor().actor
    with pytest.raises(Refused) as error:
        close(demand_id=issued.demand.pk, reason="Non.", by=noor, at=timezone.now())
    assert codes(error) == ["not-your-step"]
    approved(issued.demand)
    with pytest.raises(Invalid):
        close(demand_id=issued.demand.pk, reason=f"{PID}", by=noor, at=timezone.now())

    closed = close(demand_id=issued.demand.pk, reason="Levé.", by=noor, at=timezone.now())

    assert (closed.state, closed.sealed, closed.approval_digest) == ("closed", None, None)


def test_the_database_keeps_nothing_sealed_of_what_is_over() -> None:
    issued = filed(with_a_key(), PID)

    with pytest.raises(IntegrityError), transaction.atomic():
        Reidentification.objects.filter(pk=issued.demand.pk).update(
            state="closed", ended_at=timezone.now()
        )
    assert str(issued.demand).startswith("re-identification ")


def test_the_trail_of_a_filing_says_why_and_of_how_many() -> None:
    grant = with_a_key()
    issued = filed(grant, PID, OTHER)

    event = AuditEvent.objects.get(kind="reidentification.file")

    assert event.subject == f"reidentification:{issued.demand.pk}"
    assert event.reason == NEED
    assert event.details == {
        "to": "filed",
        "as": "signatory",
        "grant": str(grant),
        "dataset": str(issued.demand.granted.dataset_id),
        "persons": 2,
    }
