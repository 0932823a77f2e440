"""
One small world, built with the real actions: the demo's, and what a sweep of it still needs.

It lives in one open transaction of the test database and a temporary folder: everything that a
test does in it is undone, and so is the world at the end.
"""

import io
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from django.db import transaction
from django.test import Client, override_settings
from django.utils import timezone

from access.consents.actions import load_file
from access.consents.queries import loadable
from access.consents.reading import Defaults
from access.consents.rules import Decision
from access.extracts import actions as extracts
from access.extracts.recalls import note
from access.extracts.running import run
from access.reidentification import actions as reidentification
from access.reidentification.rules import Filing
from access.requests import queries
from access.requests.actions import Said, take
from access.requests.drafting import Changes, choose, invite, save, start
from access.requests.states import Step
from catalog.datasets import queries as datasets
from catalog.datasets.actions import register
from catalog.datasets.at_node import announce
from catalog.datasets.coarsening import give_hierarchy
from catalog.datasets.dictionary import confirm_all
from catalog.datasets.sources import attach_upload
from catalog.datasets.uploads import seal
from catalog.nodes.actions import open_node
from hub.accounts.actions import create_token
from hub.crypto.letters import new_identity, recipient_of
from hub.demo import world
from hub.demo.asking import GENDER_GAP
from hub.demo.settling import address, people
from hub.kernel.periods import add_months, day_of
from hub.people.actions import leave
from hub.people.models import ApiToken, Membership, User
from hub.people.permissions import Actor, Scope
from hub.people.queries import actor_of

ASKED = "resultats-des-collegiens"
PUPILS = 1_500
A_PSEUDONYM = "0a1b2c3d-4e5f-4a6b-8c7d-9e0f1a2b3c4d"


@dataclass(frozen=True)
class Someone:
    """Somebody of the demo: their account, and the membership as which they act, if any."""

    user: User
    membership: Membership | None

    @property
    def actor(self) -> Actor:
        """Return them as they act now."""
        return actor_of(user=self.user, at=timezone.now())

    def browser(self) -> Client:
        """Return a client that is signed in to the pages."""
        client = Client(raise_request_exception=False)
        client.force_login(self.user)
        return client

    def bearer(
        self, scopes: frozenset[Scope] = frozenset(Scope), *, over: bool = False
    ) -> dict[str, str]:
        """Return the headers of a programme of theirs, with a token of these scopes."""
        token, text = ApiToken.objects.create(
            user=self.user, membership=self.membership, label="sweep", scopes=sorted(scopes)
        )
        if over:
            ApiToken.objects.filter(pk=token.pk).update(expiry=timezone.now())
        return {"Authorization": f"Bearer {text}"}

    def leave(self) -> None:
        """Let them leave their organisation."""
        assert self.membership is not None
        leave(membership=self.membership, at=timezone.now())

    def close_account(self) -> None:
        """Let the hub close their account."""
        User.objects.filter(pk=self.user.pk).update(is_active=False)


@dataclass
class World:
    """
    What there is, by names that a table can use.

    :param things: identifiers and other texts, such as ``draft`` or ``grant``
    :param secrets: texts that only some may read: text → names of people; of plain letters, that
        no page and no format writes otherwise
    """

    people: Mapping[str, Someone]
    things: dict[str, str] = field(default_factory=dict)
    secrets: dict[str, frozenset[str]] = field(default_factory=dict)

    def actor(self, name: str) -> Actor:
        """Return somebody as they act."""
        return self.people[name].actor


@contextmanager
def standing(var: Path) -> Iterator[World]:
    """Build the world, and take it away at the end."""
    with override_settings(VAR_DIR=var), transaction.atomic():
        world.build(at=timezone.now(), tell=lambda _stage: None, size=PUPILS)
        yield _completed(World(_everyone()))
        transaction.set_rollback(True)


def _everyone() -> dict[str, Someone]:
    found = {}
    for name in people(at=timezone.now()):
        user = User.objects.get(email=address(name))
        found[name] = Someone(user, Membership.objects.filter(user=user).first())
    return found


def _completed(there: World) -> World:
    _add_requests(there)
    _add_draft_dataset(there)
    _add_token(there)
    _add_node(there)
    there.things |= {
        "dataset": ASKED,
        "dataset_id": str(datasets.find(None, ASKED).pk),
        "open_dataset": "dnb-par-etablissement",
    }
    return there


def _add_requests(there: World) -> None:
    """Add a request of Inès at each moment, with a colleague in the team who signed nothing."""
    draft = _request(there, "Projet tenu secret")
    member = queries.requests().get(pk=draft).team.get()
    there.things |= {"draft": str(draft), "member": str(member.pk)}
    submitted = _request(there, "Projet qui attend", "note_francais")
    _take(there, submitted, Step.SUBMIT, "chercheuse")
    there.things["submitted"] = str(submitted)
    waiting = _request(there, "Projet en examen", "note_mathematiques")
    _take(there, waiting, Step.SUBMIT, "chercheuse")
    _take(there, waiting, Step.START_REVIEW, "instructeur")
    there.things["waiting"] = str(waiting)
    for name in ("draft", "submitted", "waiting"):
        request = queries.requests().get(pk=there.things[name])
        there.things[f"{name}_version"] = str(request.version)
    side = frozenset({"chercheuse", "collegue", "instructeur", "dpd", "auditeur"})
    there.secrets |= {
        "Projet tenu secret": frozenset({"chercheuse"}),
        "Projet qui attend": side,
        "Projet en examen": side,
        str(there.things["waiting"]): side,
    }
    for name in ("grant", "fresh_grant", "recalled_grant"):
        granted = _request(there, f"Projet accordé {name}", "niveau")
        _take(there, granted, Step.SUBMIT, "chercheuse")
        _take(there, granted, Step.START_REVIEW, "instructeur")
        _take(there, granted, Step.APPROVE, "instructeur")
        there.things[name] = str(granted)
    _add_extracts(there)
    _add_recall(there)
    _add_demands(there)


def _request(there: World, title: str, only: str = "") -> UUID:
    by, at = there.actor("chercheuse"), timezone.now()
    dataset = datasets.find(None, ASKED).pk
    request = start(by=by, at=at, dataset=dataset)
    end = add_months(day_of(at), 10)
    texts = {**GENDER_GAP.texts, "title": title}
    save(request_id=request.pk, changes=Changes(texts, end, sets_end=True), by=by, at=at)
    [fields] = GENDER_GAP.asked.values()
    wishes = [one for one in fields if one.name in {"ine", only or one.name}]
    choose(request_id=request.pk, dataset_id=dataset, fields=wishes, filters=(), by=by, at=at)
    invite(request_id=request.pk, email=address("collegue"), affiliation="", by=by, at=at)
    return request.pk


def _take(there: World, request_id: UUID, step: Step, who: str) -> None:
    said = Said(reason="Proportionné.", dataset_id=datasets.find(None, ASKED).pk)
    take(request_id=request_id, step=step, by=there.actor(who), at=timezone.now(), said=said)


def _add_extracts(there: World) -> None:
    """Add an extract that is ready, and one that waits for a worker."""
    by, at = there.actor("chercheuse"), timezone.now()
    ready = extracts.ask(grant_id=UUID(there.things["grant"]), by=by, at=at)
    run(extract_id=ready.pk, clock=timezone.now)
    queued = extracts.ask(grant_id=UUID(there.things["fresh_grant"]), by=by, at=at)
    digest = ready.files.get(name="data.csv").sha256
    there.things |= {"extract": str(ready.pk), "queued_extract": str(queued.pk)}
    side = frozenset({"chercheuse", "collegue", "instructeur", "dpd", "auditeur"})
    there.secrets |= {
        digest: frozenset({"chercheuse"}),
        str(ready.pk): side,
        str(queued.pk): side,
    }


def _add_recall(there: World) -> None:
    """Add an extract after which somebody objected to its project."""
    by, at, project = there.actor("chercheuse"), timezone.now(), there.things["recalled_grant"]
    extract = extracts.ask(grant_id=UUID(project), by=by, at=at)
    run(extract_id=extract.pk, clock=timezone.now)
    steward = there.actor("instructeur")
    batch = load_file(
        dataset=loadable(steward, ASKED),
        stream=io.BytesIO(b"ine\n123456789AA\n"),
        defaults=Defaults(at, decision=Decision.OBJECTED, project=UUID(project)),
        by=steward,
        at=at,
    )
    note(dataset_id=batch.dataset_id, upto=batch.watermark or 0, at=at)
    there.things |= {"recalled_extract": str(extract.pk), "recall": str(batch.watermark)}


def _add_demands(there: World) -> None:
    """Add a demand to name a person that waits, and one that was approved with its two keys."""
    at, need = timezone.now(), "Besoin encore secret"
    for name, grant in (("demand", "recalled_grant"), ("approved_demand", "grant")):
        issued = reidentification.file(
            grant_id=UUID(there.things[grant]),
            filing=Filing((A_PSEUDONYM,), need, "Article 1", "Un service"),
            by=there.actor("instructeur"),
            at=at,
        )
        there.things[name] = str(issued.demand.pk)
    approved = reidentification.approve(
        demand_id=issued.demand.pk, by=there.actor("dpd"), at=timezone.now()
    )
    there.things |= {"filing_key": issued.key, "approval_key": approved.key}
    there.secrets[need] = frozenset({"instructeur", "dpd", "auditeur"})


def _add_draft_dataset(there: World) -> None:
    """Add a dataset that is being described, with the fields of a file."""
    by, at = there.actor("producteur"), timezone.now()
    dataset = register(
        by=by, at=at, title="Base encore secrete", slug="brouillon", release_label="2026"
    )
    upload = seal(iter([b"uai;effectif\n0440001M;12\n0440002N;30\n"]))
    attach_upload(dataset_id=dataset.pk, upload=upload, file_name="base.csv", by=by, at=at)
    confirm_all(dataset_id=dataset.pk, by=by, at=at)
    levels = b"uai;Bassin encore secret\n0440001M;Nantes\n0440002N;Nantes\n"
    give_hierarchy(dataset_id=dataset.pk, name="uai", content=levels, by=by, at=at)
    there.secrets["Bassin encore secret"] = frozenset({"producteur", "instructeur", "auditeur"})
    there.things |= {"draft_dataset": "brouillon", "draft_dataset_id": str(dataset.pk)}
    there.secrets["Base encore secrete"] = frozenset({"producteur", "instructeur", "auditeur"})


def _add_node(there: World) -> None:
    """Add a node of the State's service, with a name that only its signatories and editors read."""
    node, _secret = open_node(
        name="Salle encore secrete",
        recipient=recipient_of(new_identity()),
        by=there.actor("instructeur"),
        at=timezone.now(),
    )
    announce(node_id=node.pk, sources=[{"name": "a", "rows": 1, "columns": []}], at=timezone.now())
    there.things["node"] = str(node.pk)
    there.secrets["Salle encore secrete"] = frozenset({"instructeur", "producteur"})


def _add_token(there: World) -> None:
    by = there.actor("chercheuse")
    token, _text = create_token(
        by=by, label="Jeton de la chercheuse", scopes=frozenset(Scope), days=1, at=timezone.now()
    )
    assert isinstance(token, ApiToken)
    there.things |= {"token": str(token.id), "membership": str(by.membership_id)}
    there.things |= {"user": str(by.user_id), "organisation": str(by.organisation_id)}
    there.secrets["Jeton de la chercheuse"] = frozenset({"chercheuse"})
    there.secrets[address("chercheuse")] = frozenset({"chercheuse", "administratrice", "auditeur"})
