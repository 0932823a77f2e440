"""A plan to hold the rules of a node against."""

from tests.unit.access.extracts import worlds

PLAN = worlds.plan_for()
