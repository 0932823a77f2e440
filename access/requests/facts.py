"""What the rules look at when somebody wants to take a step with a request. Pure values."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from uuid import UUID

from access.charters.rules import Terms
from access.requests.states import Adviser, Part, State, Step
from access.tiers.rules import needs_dpo, signatories
from catalog.datasets.states import CrossingRule
from catalog.vocabularies.levels import Level, Tier
from hub.kernel.refusals import Refusal
from hub.people.permissions import Actor, Profile

IDLE = timedelta(days=90)
WARNED_BEFORE = timedelta(days=7)
LONGEST_TEXT = 10_000


@dataclass(frozen=True, slots=True)
class AskedField:
    """One field asked for. ``level`` is None when the release has no such published field."""

    name: str
    level: Level | None
    justification: str = ""


@dataclass(frozen=True, slots=True)
class AskedFilter:
    """One row filter, by the field that it reads."""

    field: str
    level: Level | None


@dataclass(frozen=True, slots=True)
class AskedDataset:
    """One dataset of a request, as it is published now."""

    dataset_id: UUID
    title: str
    published: bool = True
    tier: Tier = Tier.EXTRACT
    fields: Sequence[AskedField] = ()
    filters: Sequence[AskedFilter] = ()
    accepted_profiles: frozenset[str] = frozenset()
    accepted_purposes: frozenset[str] = frozenset()
    """Empty: the producer sets no limit."""
    kept_until: date | None = None
    """The last day on which the rows may be kept, from the producer's retention."""
    plan_refusals: Sequence[Refusal] = ()
    persons: str = ""
    """Whom its rows name, with the system that numbers them; empty when they name nobody."""
    at_node: bool = False
    crossing_rule: CrossingRule = CrossingRule.FORBIDDEN
    crossing_with: frozenset[UUID] = frozenset()
    crossed: bool = False
    """Whether the request would join it with its other datasets."""

    @property
    def levels(self) -> list[Level]:
        """Return the levels of the fields that exist."""
        return [asked.level for asked in self.fields if asked.level is not None]

    @property
    def needs_dpo(self) -> bool:
        """Tell whether the rules ask for the data protection officer's opinion."""
        return needs_dpo(levels=self.levels, tier=self.tier, crossing=self.crossed)

    @property
    def signatories(self) -> int:
        """Return how many signatories must approve."""
        return signatories(self.levels)


@dataclass(frozen=True, slots=True)
class GivenOpinion:
    """An opinion on the current revision."""

    role: Adviser
    favourable: bool


@dataclass(frozen=True, slots=True)
class GivenApproval:
    """An approval of one dataset on the current revision."""

    dataset_id: UUID
    by: UUID


@dataclass(frozen=True, slots=True)
class Team:
    """Who stands on the side of the applicant."""

    applicant_id: UUID
    organisation_id: UUID
    member_ids: frozenset[UUID] = frozenset()
    emails: frozenset[str] = frozenset()
    """Addresses invited, in lower case: an invitation that nobody answered counts too."""


@dataclass(frozen=True, slots=True)
class Facts:
    """All that is known of a request at a moment, in the eyes of the rules."""

    state: State
    revision: int
    today: date
    profile: Profile
    team: Team
    texts: dict[str, str] = field(default_factory=dict)
    """The texts that must be filled, by the name of their field."""
    purpose: str = ""
    ends_on: date | None = None
    datasets: Sequence[AskedDataset] = ()
    crossing: bool = False
    crossing_reason: str = ""
    charter: Sequence[Refusal] = ()
    """Why the applicant is not bound by the charter of their profile; empty when they are."""
    terms: Terms = field(default_factory=Terms)
    has_twin: bool = False
    """Whether the same request of the same person is open already."""
    opinions: Sequence[GivenOpinion] = ()
    approvals: Sequence[GivenApproval] = ()
    idle: timedelta = timedelta()

    @property
    def needs_dpo(self) -> bool:
        """Tell whether the data protection officer must give an opinion."""
        return any(asked.needs_dpo for asked in self.datasets)

    def opinion(self, role: Adviser) -> GivenOpinion | None:
        """Return the opinion of a role on this revision."""
        return next((opinion for opinion in self.opinions if opinion.role == role), None)

    def asked(self, dataset_id: UUID | None) -> AskedDataset | None:
        """Return a requested dataset."""
        return next((a for a in self.datasets if a.dataset_id == dataset_id), None)

    def approved_by(self, dataset_id: UUID | None) -> frozenset[UUID]:
        """Return who approved a dataset on this revision."""
        return frozenset(a.by for a in self.approvals if a.dataset_id == dataset_id)

    def approvals_missing(self, dataset_id: UUID) -> int:
        """Return how many signatories must still approve a dataset."""
        asked = self.asked(dataset_id)
        return max(0, asked.signatories - len(self.approved_by(dataset_id))) if asked else 0


@dataclass(frozen=True, slots=True)
class Taking:
    """Somebody taking a step: who, which parts they play, and what they say."""

    step: Step
    actor: Actor
    parts: frozenset[Part]
    email: str = ""
    signs: frozenset[UUID] = frozenset()
    """The requested datasets for which they may sign."""
    dataset_id: UUID | None = None
    adviser: Adviser | None = None
    favourable: bool | None = None
    reason: str = ""
    override: str = ""


def on_the_side_of(team: Team, actor: Actor, email: str) -> bool:
    """Tell whether somebody is the applicant, of their team, or of their organisation."""
    return (
        actor.user_id == team.applicant_id
        or actor.user_id in team.member_ids
        or bool(email and email.lower() in team.emails)
        or (actor.organisation_id is not None and actor.organisation_id == team.organisation_id)
    )
