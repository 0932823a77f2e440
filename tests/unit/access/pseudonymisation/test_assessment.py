"""An extract against the demands of its dataset."""

import pyarrow as pa

from access.pseudonymisation.assessment import Demands, Measure, Shortfall, assess

TABLE = pa.table(
    {
        "sex": ["F", "F", "M", "M", "M"],
        "mark": [1, 1, 2, 3, 4],
        "club": ["chess", "judo", "chess", "judo", "judo"],
        "who": [1, 2, 3, 4, 4],
    }
)


def test_every_demand_that_is_not_met_is_named_with_what_was_found() -> None:
    demands = Demands(k=3, l=2, t=0.3, unique=0.5, known=9)
    found = assess(TABLE, ["sex"], ["mark", "club"], "who", demands=demands, seed=4)
    assert [(each.measure, each.attribute) for each in found.shortfalls] == [
        (Measure.K, None),
        (Measure.L, "mark"),
        (Measure.T, "mark"),
        (Measure.UNIQUE, None),
    ]
    assert found.shortfalls[0] == Shortfall(Measure.K, None, 2, 3)
    assert found.uniqueness is not None
    assert found.uniqueness.known == 3
    assert [name for name, _ in found.diversity] == ["mark", "club"]


def test_what_is_met_is_measured_and_says_nothing() -> None:
    demands = Demands(k=2, l=1, t=1.0, unique=1.0, known=1)
    found = assess(TABLE, ["sex"], ["mark", "club"], "who", demands=demands, seed=4)
    assert found.shortfalls == ()
    assert [name for name, _ in found.closeness] == ["mark", "club"]


def test_what_is_not_demanded_is_not_measured() -> None:
    found = assess(TABLE, ["sex"], ["mark"], "who", demands=Demands(k=2), seed=4)
    assert (found.diversity, found.closeness, found.uniqueness) == ((), (), None)
    assert found.shortfalls == ()


def test_a_table_without_a_row_meets_every_demand() -> None:
    demands = Demands(k=5, l=3, t=0.1, unique=0.0)
    assert (
        assess(TABLE.slice(0, 0), ["sex"], ["mark"], "who", demands=demands, seed=1).shortfalls
        == ()
    )


def test_nothing_is_unique_where_there_is_nothing_to_know() -> None:
    demands = Demands(k=2, unique=0.1)
    assert assess(TABLE, [], [], "who", demands=demands, seed=1).uniqueness is None
