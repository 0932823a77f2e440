"""Load consents, ask for data, decide: two requests granted, one waiting, one refused."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import numpy as np
from django.utils import timezone

from access.consents.actions import load_file
from access.consents.queries import loadable
from access.consents.reading import Defaults
from access.consents.rules import Decision
from access.extracts import actions as extracts
from access.extracts.running import run
from access.grants import queries as grants
from access.requests.actions import Said, take
from access.requests.drafting import Changes, Wish, choose, save, start
from access.requests.states import Step
from hub.demo.population import Population, consents, objections
from hub.kernel.periods import add_months, day_of
from hub.people.permissions import Actor

MONTHS = 10


@dataclass(frozen=True, slots=True)
class Project:
    """What somebody of the demo world asks for."""

    texts: Mapping[str, str]
    dataset: str
    fields: Sequence[Wish]
    filters: Sequence[Mapping[str, Any]] = ()


GENDER_GAP = Project(
    texts={
        "title": "Écarts entre filles et garçons en mathématiques au collège",
        "context": "Les évaluations nationales montrent un écart qui se creuse dès la sixième.",
        "question": "L'écart dépend-il du département et du niveau ?",
        "outputs": "Un article et un tableau agrégé par département.",
        "purpose": "research",
        "legal_basis": "public_task",
        "security": "Poste chiffré, accès nominatif, pas de copie hors du laboratoire.",
        "hosting": "Serveur du laboratoire, en France.",
        "ethics": "Avis favorable du comité d'éthique du laboratoire (démonstration).",
    },
    dataset="resultats-des-collegiens",
    fields=(
        Wish("ine", justification="Compter des élèves distincts, sans savoir qui ils sont."),
        Wish("sexe", justification="L'écart entre filles et garçons est l'objet du projet."),
        Wish("date_naissance", justification="Contrôler le retard scolaire."),
        Wish("commune_residence", justification="Comparer les départements."),
        Wish("niveau", justification="Suivre l'écart de la sixième à la troisième."),
        Wish("note_mathematiques", justification="Mesure principale du projet."),
        Wish("note_francais", justification="Comparer les deux disciplines."),
    ),
)
LEARNING_TIME = Project(
    texts={
        "title": "Temps d'exercice et progrès en lecture",
        "context": "Les plateformes d'exercices sont payées par la puissance publique.",
        "question": "Combien de temps d'exercice faut-il pour progresser ?",
        "outputs": "Un rapport public.",
        "purpose": "research",
        "legal_basis": "public_task",
        "security": "Poste chiffré, accès nominatif.",
        "hosting": "Serveur de l'université, en France.",
        "ethics": "Dossier déposé.",
    },
    dataset="traces-d-apprentissage",
    fields=(
        Wish("ine", justification="Compter des élèves distincts, sans savoir qui ils sont."),
        Wish("niveau", justification="Comparer les niveaux."),
        Wish("activite", justification="Distinguer lecture et calcul."),
        Wish("duree_secondes", justification="Mesure du temps d'exercice."),
        Wish("taux_reussite", justification="Mesure du progrès."),
    ),
)
MEALS = Project(
    texts={
        "title": "Déjeuner à la cantine et quotient familial",
        "context": "Les tarifs de restauration dépendent du quotient familial.",
        "question": "Les élèves des tranches basses déjeunent-ils moins souvent ?",
        "outputs": "Un rapport public.",
        "purpose": "research",
        "legal_basis": "public_task",
        "security": "Poste chiffré, accès nominatif.",
        "hosting": "Serveur de l'université, en France.",
        "ethics": "Dossier déposé.",
    },
    dataset="restauration-et-equipement-des-collegiens",
    fields=(
        Wish("identifiant_national", justification="Compter des élèves distincts."),
        Wish("repas_par_semaine", justification="Mesure principale du projet."),
        Wish("tranche_quotient", justification="Comparer les tranches."),
    ),
)
RANKING = Project(
    texts={
        "title": "Tableau de bord des collèges selon les notes",
        "context": "Pilotage académique.",
        "question": "Quels collèges ont les notes les plus basses ?",
        "outputs": "Un classement interne.",
        "purpose": "evaluation",
        "legal_basis": "public_task",
        "security": "Réseau du rectorat.",
        "hosting": "Serveurs du rectorat.",
    },
    dataset="resultats-des-collegiens",
    fields=(
        Wish("uai", justification="Classer les collèges."),
        Wish("note_mathematiques", justification="Classer les collèges."),
    ),
)


def load_words(*, everyone: Mapping[str, Actor], pupils: Population, at: datetime) -> None:
    """Load the oppositions to the State's base and the consents to the publisher's."""
    given, withdrawn = consents(pupils)
    _load(
        "resultats-des-collegiens",
        "instructeur",
        Decision.OBJECTED,
        objections(pupils),
        everyone,
        at,
    )
    _load("traces-d-apprentissage", "editeur", Decision.GIVEN, given, everyone, at)
    _load("traces-d-apprentissage", "editeur", Decision.WITHDRAWN, withdrawn, everyone, at)


def _load(
    slug: str,
    who: str,
    decision: Decision,
    identifiers: Iterable[np.str_],
    everyone: Mapping[str, Actor],
    at: datetime,
) -> None:
    text = "\n".join(["ine", *identifiers])
    load_file(
        dataset=loadable(everyone[who], slug),
        stream=io.BytesIO(text.encode()),
        defaults=Defaults(decided_at=at, decision=decision, notice="demo-1"),
        by=everyone[who],
        at=at,
    )


def ask(*, everyone: Mapping[str, Actor], datasets: Mapping[str, UUID], at: datetime) -> UUID:
    """Make the four requests, decide three; return the grant of the first."""
    granted = _granted(GENDER_GAP, "chercheuse", "instructeur", everyone, datasets, at)
    _granted(LEARNING_TIME, "autre-chercheur", "editeur", everyone, datasets, at)
    _submit(MEALS, everyone["autre-chercheur"], datasets, at)
    refused = _submit(RANKING, everyone["rectorat"], datasets, at)
    _examine(refused, everyone["instructeur"], at)
    take(
        request_id=refused,
        step=Step.REJECT,
        by=everyone["instructeur"],
        at=at,
        said=Said(
            reason="Les notes individuelles ne servent pas à classer des collèges. Les résultats"
            " au brevet par établissement sont ouverts : ils suffisent. Pour contester, écrivez"
            " au contact du jeu de données."
        ),
    )
    return granted


def _granted(
    project: Project,
    asks: str,
    decides: str,
    everyone: Mapping[str, Actor],
    datasets: Mapping[str, UUID],
    at: datetime,
) -> UUID:
    request_id, by = _submit(project, everyone[asks], datasets, at), everyone[decides]
    _examine(request_id, by, at)
    said = Said(
        reason="Données proportionnées à la question.", dataset_id=datasets[project.dataset]
    )
    take(request_id=request_id, step=Step.APPROVE, by=by, at=at, said=said)
    return request_id


def _submit(project: Project, by: Actor, datasets: Mapping[str, UUID], at: datetime) -> UUID:
    request = start(by=by, at=at, dataset=datasets[project.dataset])
    end = add_months(day_of(at), MONTHS)
    changes = Changes(texts=project.texts, ends_on=end, sets_end=True)
    save(request_id=request.pk, changes=changes, by=by, at=at)
    choose(
        request_id=request.pk,
        dataset_id=datasets[project.dataset],
        fields=project.fields,
        filters=project.filters,
        by=by,
        at=at,
    )
    take(request_id=request.pk, step=Step.SUBMIT, by=by, at=at)
    return request.pk


def _examine(request_id: UUID, by: Actor, at: datetime) -> None:
    take(request_id=request_id, step=Step.START_REVIEW, by=by, at=at)


def extract(*, by: Actor, at: datetime) -> None:
    """Make the extracts of somebody's grants, as they and a worker would; a node's waits for it."""
    for seen in grants.mine(actor=by, at=at):
        asked = extracts.ask(grant_id=seen.grant.pk, by=by, at=at)
        run(extract_id=asked.pk, clock=timezone.now)
