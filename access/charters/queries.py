"""Read charters, their texts, and who is bound by them."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import QuerySet

from access.charters import rules
from access.charters.models import Charter, CharterVersion, Signature
from access.charters.rules import Signed, Standing, Terms, Version
from hub.kernel.refusals import Refusal, Unknown
from hub.people.permissions import Actor, Profile


@dataclass(frozen=True, slots=True)
class MyCharter:
    """One charter in the eyes of one person: the text now, what they signed, what follows."""

    profile: Profile
    current: CharterVersion | None
    signatures: list[Signature]
    refusals: list[Refusal]
    rests_at: datetime | None

    @property
    def signed_current(self) -> bool:
        """Tell whether the text of now is signed."""
        return any(s.version_id == self.current.pk for s in self.signatures if self.current)


def charters() -> QuerySet[Charter]:
    """Return all charters, by profile."""
    return Charter.objects.order_by("profile")


def versions_of(profile: Profile) -> QuerySet[CharterVersion]:
    """Return the versions of a profile's charter, newest first."""
    return CharterVersion.objects.filter(charter__profile=profile).order_by("-number")


def current_version(profile: Profile, at: datetime) -> CharterVersion | None:
    """Return the text of a profile's charter at a moment."""
    return versions_of(profile).filter(published_at__lte=at).first()


def one_version(profile: Profile, number: int) -> CharterVersion:
    """
    Return one version.

    :raises Unknown: when there is none
    """
    found = versions_of(profile).filter(number=number).select_related("charter").first()
    if found is None:
        raise Unknown
    return found


def current_terms(profile: Profile, at: datetime) -> Terms:
    """Return the terms of a profile's charter at a moment; the strictest when it has none."""
    version = current_version(profile, at)
    return version.parsed if version else Terms(purposes=frozenset(), longest_days=1)


def standings(pairs: Iterable[tuple[UUID, Profile]]) -> dict[tuple[UUID, Profile], Standing]:
    """Return, for people in a profile, all that decides whether they are bound. Two queries."""
    wanted = set(pairs)
    profiles = {profile for _user, profile in wanted}
    versions: dict[str, list[Version]] = defaultdict(list)
    rows = CharterVersion.objects.filter(charter__profile__in=profiles)
    for profile, number, published_at, material, grace in rows.values_list(
        "charter__profile", "number", "published_at", "material", "grace_days"
    ):
        versions[profile].append(Version(number, published_at, material, timedelta(days=grace)))
    signed: dict[tuple[UUID, str], list[Signed]] = defaultdict(list)
    signatures = Signature.objects.filter(
        user_id__in={user for user, _profile in wanted}, version__charter__profile__in=profiles
    )
    for user, profile, number, at in signatures.values_list(
        "user_id", "version__charter__profile", "version__number", "signed_at"
    ):
        if user is not None:
            signed[user, profile].append(Signed(number, at))
    return {
        (user, profile): Standing(tuple(versions[profile]), tuple(signed[user, profile]))
        for user, profile in wanted
    }


def standing_of(*, user_id: UUID, profile: Profile) -> Standing:
    """Return what decides whether one person is bound by the charter of a profile."""
    return standings([(user_id, profile)])[user_id, profile]


def refusals_now(*, user_id: UUID, profile: Profile, at: datetime) -> list[Refusal]:
    """List why a person is not bound by the charter of a profile at a moment."""
    return rules.in_force(standing_of(user_id=user_id, profile=profile), at)


def mine(*, actor: Actor, at: datetime) -> list[MyCharter]:
    """Return the charter of the capacity in which a person acts, then those they signed once."""
    assert actor.user_id is not None  # noqa: S101 - the gate let in somebody signed in
    signatures = list(
        Signature.objects.filter(user_id=actor.user_id)
        .select_related("version__charter")
        .order_by("-signed_at")
    )
    profiles = [actor.profile] if actor.profile else []
    profiles += [Profile(signature.version.charter.profile) for signature in signatures]
    return [_mine(profile, actor, signatures, at) for profile in dict.fromkeys(profiles)]


def _mine(profile: Profile, actor: Actor, signatures: list[Signature], at: datetime) -> MyCharter:
    assert actor.user_id is not None  # noqa: S101 - the gate let in somebody signed in
    standing = standing_of(user_id=actor.user_id, profile=profile)
    return MyCharter(
        profile=profile,
        current=current_version(profile, at),
        signatures=[s for s in signatures if s.version.charter.profile == profile],
        refusals=rules.in_force(standing, at),
        rests_at=rules.rests_at(standing, at),
    )
