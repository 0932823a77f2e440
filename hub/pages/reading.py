"""What a reader would get of a dataset's fields, and where they ask for it."""

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlencode
from uuid import UUID

from django.urls import reverse
from django.utils.translation import gettext

from access.charters.queries import current_terms
from access.plans.terms import FieldGrant
from access.requests.planning import Wishes, offers
from catalog.datasets.snapshots import DatasetSnapshot
from catalog.vocabularies.levels import Tier
from hub.people.permissions import Actor, Profile

NO_GRANT = UUID(int=0)
JUSTIFIED = "—"


def received_by(actor: Actor | None, shown: DatasetSnapshot, *, at: datetime) -> Mapping[str, str]:
    """
    Say, field by field, what a reader of this profile would get and why.

    It supposes that they ask for every field with a good reason: what is withheld then is
    withheld from everyone of the profile. Visitors read what a researcher would get. Empty for
    data that anyone may download as they are.
    """
    if shown.tier is Tier.OPEN:
        return {}
    profile = actor.profile if actor and actor.profile else Profile.RESEARCHER
    wishes = Wishes(
        grant_id=NO_GRANT,
        fields=[FieldGrant(one.name, justification=JUSTIFIED) for one in shown.fields],
        ends_on=None,
        terms=current_terms(profile, at),
    )
    return {one.field.name: one.sentence.say(gettext) for one in offers(shown, wishes)}


def where_to_ask(shown: DatasetSnapshot) -> str:
    """Return the address where the data are asked for, empty when nothing needs to be asked."""
    if shown.tier in {Tier.OPEN, Tier.ACCOUNT}:
        return ""
    return f"{reverse('new_request')}?{urlencode({'dataset': shown.slug})}"
