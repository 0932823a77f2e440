from typing import Any

import pytest

from catalog.datasets.description import Limits, refusals_about


def codes(**values: Any) -> list[str]:
    limits = Limits(smallest_k=5, largest_suppression=0.05, dominance_n=1, dominance_k=85.0)
    found = refusals_about(values, limits=limits)
    return [refusal.code for refusal in found]


@pytest.mark.parametrize(
    ("values", "code"),
    [
        ({"colour": "blue"}, "unknown-name"),
        ({"themes": ["results", "nothing"]}, "unknown-word"),
        ({"accepted_profiles": ["king"]}, "unknown-word"),
        ({"period_start": 2, "period_end": 1}, "period-reversed"),
        ({"k": 4}, "k-too-small"),
        ({"suppression_cap": 0.06}, "cap-too-large"),
        ({"suppression_cap": -0.1}, "cap-too-large"),
        ({"l_diversity": 1}, "too-few-values"),
        ({"t_closeness": 1.5}, "not-a-share"),
        ({"uniqueness": -0.1}, "not-a-share"),
        ({"facts_known": 6}, "too-many-facts"),
        ({"dominance_n": 0}, "dominance-n"),
        ({"dominance_n": 11}, "dominance-n"),
        ({"dominance_k": 86.0}, "dominance-k"),
        ({"dominance_k": 0.0}, "dominance-k"),
    ],
)
def test_what_is_wrong_is_named(values: dict[str, Any], code: str) -> None:
    assert codes(**values) == [code]


def test_a_producer_may_ask_for_more_protection_than_the_hub() -> None:
    assert codes(k=5, suppression_cap=0.05, themes=None, period_start=1) == []
    assert codes(k=11, suppression_cap=0.0, themes=["results"]) == []
    assert codes(dominance_n=2, dominance_k=75.0) == []
    assert codes(l_diversity=2, t_closeness=0.0, uniqueness=1, facts_known=5) == []
