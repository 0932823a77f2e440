"""Published fields, as plans speak of them. Pure."""

from access.plans.terms import FieldSpec
from access.pseudonymisation.hierarchies import CUSTOM, LadderSpec
from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.snapshots import FieldSnapshot


def field_spec(one: FieldSnapshot) -> FieldSpec:
    """Return a published field as plans speak of it."""
    own = one.own_hierarchy
    return FieldSpec(
        name=one.name,
        type=one.type,
        semantic_type=one.semantic_type,
        level=one.level,
        label=one.label,
        definition=one.definition,
        code_list=one.code_list,
        hierarchy=_ladder(own) if own else None,
    )


def _ladder(own: OwnHierarchy) -> LadderSpec:
    return LadderSpec(CUSTOM, table=own.rows, names=own.levels if any(own.levels) else ())
