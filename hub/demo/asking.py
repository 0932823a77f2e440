"""Load consents, ask for data, decide: three requests granted, one waiting, one refused."""

import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
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
from access.requests.drafting import Changes, Wish, add_dataset, choose, save, start
from access.requests.states import Adviser, Step
from hub.demo.population import Population, consents, objections
from hub.kernel.periods import add_months, day_of
from hub.people.permissions import Actor

MONTHS = 10


@dataclass(frozen=True, slots=True)
class Project:
    """What somebody of the demo world asks for."""

    texts: Mapping[str, str]
    asked: Mapping[str, Sequence[Wish]]
    """The fields of each dataset, by its slug."""


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
    asked={
        "resultats-des-collegiens": (
            Wish("ine", justification="Compter des élèves distincts, sans savoir qui ils sont."),
            Wish("sexe", justification="L'écart entre filles et garçons est l'objet du projet."),
            Wish("date_naissance", justification="Contrôler le retard scolaire."),
            Wish("commune_residence", justification="Comparer les départements."),
            Wish("niveau", justification="Suivre l'écart de la sixième à la troisième."),
            Wish("note_mathematiques", justification="Mesure principale du projet."),
            Wish("note_francais", justification="Comparer les deux disciplines."),
        )
    },
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
    asked={
        "traces-d-apprentissage": (
            Wish("ine", justification="Compter des élèves distincts, sans savoir qui ils sont."),
            Wish("niveau", justification="Comparer les niveaux."),
            Wish("activite", justification="Distinguer lecture et calcul."),
            Wish("duree_secondes", justification="Mesure du temps d'exercice."),
            Wish("taux_reussite", justification="Mesure du progrès."),
        )
    },
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
    asked={
        "restauration-et-equipement-des-collegiens": (
            Wish("identifiant_national", justification="Compter des élèves distincts."),
            Wish("repas_par_semaine", justification="Mesure principale du projet."),
            Wish("tranche_quotient", justification="Comparer les tranches."),
        )
    },
)
MEALS_AND_MARKS = Project(
    texts={
        "title": "Déjeuner au collège et résultats en mathématiques",
        "context": "Le département finance les repas, l'État évalue les élèves.",
        "question": "Les élèves qui déjeunent au collège progressent-ils davantage ?",
        "outputs": "Un article.",
        "purpose": "research",
        "legal_basis": "public_task",
        "security": "Poste chiffré, accès nominatif, pas de copie hors du laboratoire.",
        "hosting": "Serveur du laboratoire, en France.",
        "ethics": "Avis favorable du comité d'éthique du laboratoire (démonstration).",
        "dpia": "AIPD-2026-07 (démonstration)",
        "crossing_reason": "Ni les repas ni les notes ne répondent seuls à la question.",
    },
    asked={
        "resultats-des-collegiens": (
            Wish("ine", justification="Compter des élèves distincts, sans savoir qui ils sont."),
            Wish("niveau", justification="Comparer les niveaux."),
            Wish("note_mathematiques", justification="Mesure principale du projet."),
        ),
        "restauration-et-equipement-des-collegiens": (
            Wish("repas_par_semaine", justification="Mesure principale du projet."),
            Wish("tranche_quotient", justification="Comparer à revenu égal."),
        ),
    },
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
    asked={
        "resultats-des-collegiens": (
            Wish("uai", justification="Classer les collèges."),
            Wish("note_mathematiques", justification="Classer les collèges."),
        )
    },
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
    """Make the five requests, decide four; return the grant of the first."""
    granted = _granted(GENDER_GAP, "chercheuse", ["instructeur"], everyone, datasets, at)
    _granted(LEARNING_TIME, "autre-chercheur", ["editeur"], everyone, datasets, at)
    deciders = ["instructeur", "departement"]
    _granted(MEALS_AND_MARKS, "chercheuse", deciders, everyone, datasets, at)
    _submit(MEALS, everyone["autre-chercheur"], datasets, at)
    refused = _submit(RANKING, everyone["rectorat"], datasets, at)
    _examine(refused, everyone["instructeur"], at)
    _take(
        refused,
        Step.REJECT,
        everyone["instructeur"],
        at,
        Said(
            reason="Les notes individuelles ne servent pas à classer des collèges. Les résultats"
            " au brevet par établissement sont ouverts : ils suffisent. Pour contester, écrivez"
            " au contact du jeu de données."
        ),
    )
    return granted


def _granted(
    project: Project,
    asks: str,
    decide: Sequence[str],
    everyone: Mapping[str, Actor],
    datasets: Mapping[str, UUID],
    at: datetime,
) -> UUID:
    """Grant what is asked; ``decide`` signs for each dataset in turn."""
    request_id = _submit(project, everyone[asks], datasets, at)
    _examine(request_id, everyone[decide[0]], at)
    if len(project.asked) > 1:
        opinion = Said(
            reason="Croisement nécessaire, niveaux grossiers : favorable.",
            adviser=Adviser.DPO,
            favourable=True,
        )
        _take(request_id, Step.GIVE_OPINION, everyone["dpd"], at, opinion)
    for slug, who in zip(project.asked, decide, strict=True):
        said = Said(reason="Données proportionnées à la question.", dataset_id=datasets[slug])
        _take(request_id, Step.APPROVE, everyone[who], at, said)
    return request_id


def _take(request_id: UUID, step: Step, by: Actor, at: datetime, said: Said) -> None:
    take(request_id=request_id, step=step, by=by, at=at, said=said)


def _submit(project: Project, by: Actor, datasets: Mapping[str, UUID], at: datetime) -> UUID:
    request = start(by=by, at=at)
    end = add_months(day_of(at), MONTHS)
    crosses = len(project.asked) > 1
    changes = Changes(texts=project.texts, ends_on=end, sets_end=True, crossing=crosses)
    save(request_id=request.pk, changes=changes, by=by, at=at)
    for slug, fields in project.asked.items():
        dataset_id = datasets[slug]
        add_dataset(request_id=request.pk, dataset=dataset_id, by=by, at=at)
        choose(
            request_id=request.pk,
            dataset_id=dataset_id,
            fields=fields,
            filters=(),
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
