from typing import Any

import pytest

from catalog.datasets.description import refusals_about


def codes(**values: Any) -> list[str]:
    found = refusals_about(values, smallest_k=5, largest_suppression=0.05)
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
    ],
)
def test_what_is_wrong_is_named(values: dict[str, Any], code: str) -> None:
    assert codes(**values) == [code]


def test_a_producer_may_ask_for_more_protection_than_the_hub() -> None:
    assert codes(k=5, suppression_cap=0.05, themes=None, period_start=1) == []
    assert codes(k=11, suppression_cap=0.0, themes=["results"]) == []
