"""What changed from one text to the next."""

from access.charters.differences import Change, Line, differences
from access.charters.rules import Terms, in_words


def test_equal_texts_differ_in_nothing() -> None:
    assert differences("a\nb", "a\nb") == []


def test_lines_are_the_same_added_or_removed() -> None:
    assert differences("one\ntwo\nthree", "one\nthree\nfour") == [
        Line(Change.SAME, "one"),
        Line(Change.REMOVED, "two"),
        Line(Change.SAME, "three"),
        Line(Change.ADDED, "four"),
    ]


def test_terms_are_said_in_words() -> None:
    said = [message % values for message, values in in_words(Terms(longest_days=90))]

    assert said == [
        "Deliveries: up to “extract”.",
        "Fields: up to level 3, “sensitive”.",
        "Duration: 90 days at most for one grant.",
    ]
