"""What tau-Argus chooses is a beginning; what leaves is protected by the hub's own rules."""

import subprocess
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings as profile, strategies as st

from access.apps import table_solver
from access.extracts import optimising
from access.extracts.optimising import chooser_in, is_installed
from access.extracts.ports import Limits
from access.plans.tables import TOTAL
from access.plans.terms import TableWish
from access.pseudonymisation.suppression import bounds, suppress
from access.pseudonymisation.tables import Sensitive
from tests.unit.access.extracts.test_tabulating import (
    made,
    people,
    plan_of,
    published,
    read,
    release,
)

pytestmark = pytest.mark.skipif(not is_installed(), reason="tau-Argus is an extra")
# Table of the manual of tau-Argus on which one cell is sensitive; margins last.
SMALL = np.array(
    [[20, 50, 10, 80], [8, 19, 22, 49], [17, 32, 12, 61], [45, 101, 44, 190]], np.float64
)


def sensitive_at(shape: tuple[int, ...], *places: tuple[int, ...], need: float = 3) -> Sensitive:
    cells = np.zeros(shape, bool)
    for place in places:
        cells[place] = True
    return Sensitive(cells, np.where(cells, need, 0.0))


def shown_total(shape: tuple[int, ...]) -> Any:
    total = np.zeros(shape, bool)
    total.flat[-1] = True
    return total


def test_the_least_is_hidden_and_nothing_is_left_behind(tmp_path: Path) -> None:
    found = chooser_in(tmp_path)(SMALL, sensitive_at((4, 4), (1, 0)), shown_total((4, 4)))

    # The cheapest rectangle around the cell: no other hides less.
    assert {tuple(map(int, place)) for place in np.argwhere(found)} == {
        *((1, 0), (1, 2), (2, 0), (2, 2)),
    }
    assert list(tmp_path.iterdir()) == []


@profile(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    rows=st.integers(3, 4).flatmap(
        lambda width: st.lists(
            st.lists(st.integers(0, 40), min_size=width, max_size=width), min_size=3, max_size=4
        )
    )
)
def test_what_it_chooses_completed_by_the_rules_protects(
    rows: list[list[int]], tmp_path_factory: pytest.TempPathFactory
) -> None:
    inner = np.array(rows, np.float64)
    values = np.block(
        [[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]]
    )
    small = (values > 0) & (values < 5)
    small.flat[-1] = False
    sensitive, total = Sensitive(small, np.where(small, 1.0, 0.0)), shown_total(values.shape)
    chosen = chooser_in(tmp_path_factory.mktemp("tau"))(values, sensitive, total)
    begun = sensitive | Sensitive(chosen & (values > 0) & ~total, np.zeros(values.shape))

    found = suppress(values, begun, shown=total, floor=1.0)

    assert (found.hidden | ~chosen | (values == 0) | total).all()
    if not found.unprotected:
        told = bounds(values, found.hidden, floor=1.0)
        assert (told.upper[small] >= values[small] + 1).all()


def test_sums_with_decimals_add_up_in_its_file(tmp_path: Path) -> None:
    inner = np.array([[10.125, 3.25], [7.5, 20.0]])
    values = np.block(
        [[inner, inner.sum(1, keepdims=True)], [inner.sum(0, keepdims=True), inner.sum()]]
    )
    found = chooser_in(tmp_path)(values, sensitive_at((3, 3), (0, 1), need=1), shown_total((3, 3)))
    assert found[0, 1]
    assert found.sum() == 4


def test_without_an_answer_it_chooses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def late(*_words: object, **_options: object) -> None:
        raise subprocess.TimeoutExpired("tau", 1)

    monkeypatch.setattr(subprocess, "run", late)
    found = chooser_in(tmp_path)(SMALL, sensitive_at((4, 4), (1, 0)), shown_total((4, 4)))
    assert not found.any()
    assert list(tmp_path.iterdir()) == []


def test_one_dimension_is_a_table_too(tmp_path: Path) -> None:
    values = np.array([2.0, 9, 30, 41])
    found = chooser_in(tmp_path)(values, sensitive_at((4,), (0,), need=1), shown_total((4,)))
    assert found[0]
    assert not found[-1]


def test_a_hub_that_asks_for_it_is_told_when_it_is_not_there(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert table_solver() == []
    settings.HUB_TABLE_SOLVER = "tauargus"
    assert table_solver() == []
    monkeypatch.setattr(optimising, "is_installed", lambda: False)
    assert [one.id for one in table_solver()] == ["access.E002"]
    settings.HUB_TABLE_SOLVER = "gurobi"
    assert [one.id for one in table_solver()] == ["access.E001"]


def test_tables_of_an_extract_are_protected_whoever_chose_first() -> None:
    cells = [(sexe, year, "a", 1) for sexe in ("F", "M") for year in ("2023", "2024", "2025")]
    rows = [*people(30, *cells), ("one", "F", "2022", "a", 1), ("two", "F", "2022", "a", 1)]
    rows += [(f"Q{number}", "M", "2022", "a", 1) for number in range(30)]
    plan = plan_of((TableWish(("sexe", "session")),), k=5)
    for optimal in (True, False):
        found = made(plan, release(rows), limits=Limits(optimal=optimal))
        shown = published(read(found, "table_1"))
        assert shown["F", "2022"] == (None, True)
        assert shown[TOTAL, TOTAL] == (212.0, False)
        assert sum(is_hidden for _value, is_hidden in shown.values()) >= 4
