"""What an extract is made of: the plan that was approved, or those of a whole crossing."""

from dataclasses import dataclass
from uuid import UUID

from access.grants import queries as grants
from access.grants.queries import GrantedPlan
from access.plans.crossing import Recipe, cross
from access.plans.plan import Plan
from hub.kernel.refusals import Refusal, Refused

PLAN_CHANGED = Refusal(
    "plan-changed",
    "The plan is not the one that was approved.",
    "Tell the operator of the hub.",
)
MOVED = Refusal(
    "release-moved",
    "The grant moved to a newer release after this extract was asked.",
    "Start another extract.",
)


@dataclass(frozen=True, slots=True)
class Approved:
    """
    What may be executed together.

    :param granted: the granted datasets, in the order of the parts of the recipe
    """

    recipe: Recipe
    granted: tuple[GrantedPlan, ...]

    @property
    def alone(self) -> Plan:
        """
        Return the plan of an extract that crosses nothing.

        :raises Refused: when it crosses something
        """
        if not isinstance(self.recipe, Plan):
            raise Refused([PLAN_CHANGED])
        return self.recipe

    @property
    def first(self) -> GrantedPlan:
        """Return the granted dataset under which the extract is kept."""
        return self.granted[0]

    def part_of(self, dataset_id: UUID) -> Plan:
        """Return the plan of one dataset."""
        plans = dict(zip((one.dataset_id for one in self.granted), self.recipe.parts, strict=True))
        return plans[dataset_id]


def approved_for(grant_dataset_id: UUID) -> Approved:
    """
    Return what was approved for a granted dataset, and for those that it is crossed with.

    :raises Unknown: when there is no such granted dataset
    :raises Refused: when a plan is not the one of its decision
    """
    granted = grants.plans_of(grant_dataset_id)
    try:
        plans = [Plan.from_json(one.plan) for one in granted]
    except ValueError:
        raise Refused([PLAN_CHANGED]) from None
    if any(plan.digest != one.digest for plan, one in zip(plans, granted, strict=True)):
        raise Refused([PLAN_CHANGED])
    recipe = cross(plans) if granted[0].crossing else plans[0]
    return Approved(recipe, tuple(granted))
