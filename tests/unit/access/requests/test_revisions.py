"""What changed between two revisions."""

from access.requests.revisions import Difference, differences

FIRST = {
    "title": "Marks",
    "ends_on": None,
    "datasets": {
        "base": {"release": "2025", "row_filters": [], "fields": {"note": ["", "Because."]}}
    },
}


def test_equal_revisions_differ_in_nothing() -> None:
    assert differences(FIRST, FIRST) == []


def test_texts_fields_and_datasets_are_named_by_path() -> None:
    second = {
        "title": "All marks",
        "ends_on": "2027-01-01",
        "datasets": {
            "base": {
                "release": "2025",
                "row_filters": [{"field": "session"}],
                "fields": {"note": ["exact", "Because."], "sexe": ["", "Gap."]},
            }
        },
    }

    assert differences(FIRST, second) == [
        Difference("title", "Marks", "All marks"),
        Difference("ends_on", "", "2027-01-01"),
        Difference("base/row_filters", "", "[{'field': 'session'}]"),
        Difference("base/fields/note", "Because.", "exact — Because."),
        Difference("base/fields/sexe", "", "Gap."),
    ]


def test_what_is_gone_has_no_after() -> None:
    gone = differences(FIRST, {"title": "Marks", "ends_on": None})

    assert gone == [
        Difference("base/release", "2025", ""),
        Difference("base/fields/note", "Because.", ""),
    ]
