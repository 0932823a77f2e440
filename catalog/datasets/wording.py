"""The words that pages and forms use for levels, tiers, units and states: message identifiers."""

from collections.abc import Mapping

from django.utils.translation import gettext_noop as _

from catalog.datasets.states import DatasetState, IngestionState, ReleaseState
from catalog.vocabularies.levels import Level, Tier, Unit
from hub.people.permissions import Kind, Profile

LEVELS: Mapping[Level, str] = {
    Level.OPEN: _("Open"),
    Level.AGGREGATED: _("Aggregated"),
    Level.QUASI_IDENTIFIER: _("Quasi-identifier"),
    Level.SENSITIVE: _("Sensitive"),
    Level.VERY_SENSITIVE: _("Very sensitive"),
    Level.IDENTIFIER: _("Direct identifier"),
}

TIERS: Mapping[Tier, str] = {
    Tier.OPEN: _("Open download"),
    Tier.ACCOUNT: _("With an account"),
    Tier.EXTRACT: _("Pseudonymised extract"),
    Tier.RESULTS: _("Results only"),
}

TIERS_AT_LENGTH: Mapping[Tier, str] = {
    Tier.OPEN: _("Anyone may download these data and reuse them, without an account."),
    Tier.ACCOUNT: _("These data are downloaded with an account, once the charter is signed."),
    Tier.EXTRACT: _(
        "These data speak of persons: they are delivered as a pseudonymised extract, for a time,"
        " once the charter is signed and the request approved."
    ),
    Tier.RESULTS: _(
        "Rows never leave: only aggregated results do, once the charter is signed, the request"
        " approved and the data protection officer heard."
    ),
}

UNITS: Mapping[Unit, str] = {
    Unit.PUPIL: _("A pupil"),
    Unit.TEACHER: _("A member of staff"),
    Unit.HOUSEHOLD: _("A household"),
    Unit.CLASS: _("A class"),
    Unit.SCHOOL: _("A school"),
    Unit.TERRITORY: _("A territory"),
    Unit.EVENT: _("An act or a trace of a person"),
}

KINDS: Mapping[Kind, str] = {
    Kind.STATE: _("State service"),
    Kind.AUTHORITY: _("Local authority"),
    Kind.EDTECH: _("EdTech publisher"),
    Kind.RESEARCH: _("Research body"),
    Kind.SCHOOL: _("School"),
}

PROFILES: Mapping[Profile, str] = {
    Profile.PRODUCER: _("Producers"),
    Profile.RESEARCHER: _("Researchers"),
    Profile.AUTHORITY: _("Authorities and services"),
    Profile.SCHOOL: _("Schools"),
    Profile.EDTECH: _("EdTech publishers"),
    Profile.CITIZEN: _("Citizens"),
}

DATASET_STATES: Mapping[DatasetState, str] = {
    DatasetState.DRAFT: _("Draft"),
    DatasetState.PUBLISHED: _("Published"),
    DatasetState.WITHDRAWN: _("Withdrawn"),
}

RELEASE_STATES: Mapping[ReleaseState, str] = {
    ReleaseState.DRAFT: _("In preparation"),
    ReleaseState.INGESTING: _("Rows being taken in"),
    ReleaseState.READY: _("Ready to publish"),
    ReleaseState.PUBLISHED: _("Published"),
    ReleaseState.FAILED: _("Rows refused"),
    ReleaseState.WITHDRAWN: _("Withdrawn"),
}

INGESTION_STATES: Mapping[IngestionState, str] = {
    IngestionState.QUEUED: _("Waiting for a worker"),
    IngestionState.RUNNING: _("Rows are being read"),
    IngestionState.DONE: _("The rows are in the vault"),
    IngestionState.FAILED: _("The rows were refused"),
}
