"""What a producer demands of values is measured on what leaves, told, and held."""

from typing import Any

import pytest

from access.extracts.workflow import State
from tests import people
from tests.factories import vault
from tests.integration.access.extracts.making import content, granted, made

pytestmark = pytest.mark.django_db


def test_what_a_producer_demands_of_values_is_measured_told_and_held() -> None:
    demands: dict[str, Any] = {"l_diversity": 3, "t_closeness": 0.9, "uniqueness": 1.0}
    extract = made(granted(vault.dataset_of_pupils(**demands)))

    assert extract.state == State.READY, extract.failure
    assert extract.outcome["measured"]["l"] >= 3
    account = content(extract, "account.en.md").decode()
    assert "values of each sensitive field." in account
    assert "away from everybody's." in account
    assert "3 facts known of a person single out" in account

    strict = granted(vault.dataset_of_pupils(slug="strict", uniqueness=0.0), people.linus())
    refused = made(strict, people.linus())
    assert [one["code"] for one in refused.failure] == ["unique"]
    assert refused.suggestions
