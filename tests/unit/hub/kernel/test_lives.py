"""A life is written down as its table has it."""

from hub.kernel.lives import diagram, matrix

TAKERS = {("open", "close"): {"owner", "guard"}, ("shut", "open"): {"owner"}}


def test_a_diagram_begins_goes_and_ends() -> None:
    assert diagram(["open"], [("open", "shut", "close (owner)")], ["shut"]).splitlines() == [
        "stateDiagram-v2",
        "    [*] --> open",
        "    open --> shut: close (owner)",
        "    shut --> [*]",
    ]


def test_a_matrix_says_who_from_where_and_whether_they_say_why() -> None:
    shown = matrix(TAKERS, steps=["close", "open"], parts=["owner", "guard"], reasoned={"close"})
    assert shown.splitlines() == [
        "| step | owner | guard | must say why |",
        "| --- | --- | --- | --- |",
        "| close | open | open | yes |",
        "| open | shut | · | · |",
    ]


def test_reasons_are_shown_only_where_there_may_be_some() -> None:
    assert "why" not in matrix(TAKERS, steps=["close"], parts=["owner"])
