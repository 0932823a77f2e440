"""A producer's own hierarchy is read with everything that is wrong, line by line."""

import pytest

from catalog.datasets import hierarchies
from catalog.datasets.hierarchies import (
    MOST_BYTES,
    MOST_SAID,
    OwnHierarchy,
    kept,
    read,
    refusals_for,
    written,
)
from catalog.vocabularies.levels import Level
from catalog.vocabularies.plain_types import PlainType
from hub.kernel.refusals import Invalid, Refused

EXAMPLE = {"line": "54395;54;Grand Est"}
GOOD = "54395;Nancy;54\n54547;Nancy;54\n57463;Metz;57\n"


def of(text: str | bytes, kind: PlainType = PlainType.TEXT) -> OwnHierarchy:
    return read(text if isinstance(text, bytes) else text.encode(), name="commune", kind=kind)


def test_a_hierarchy_is_read_as_arx_users_keep_it() -> None:
    own = of('\ufeff 54395 ;Nancy;54\r\n\r\n54547;Nancy;54\r\n57463;"Metz; ville";57')
    assert own.rows[0] == ("54395", "Nancy", "54")
    assert own.rows[2] == ("57463", "Metz; ville", "57")
    assert own.values == ("54395", "54547", "57463")
    assert own.named == ((1, ""), (2, ""))


def test_a_first_line_that_begins_with_the_name_of_the_field_names_the_levels() -> None:
    own = of("commune;bassin;département\n" + GOOD)
    assert own.levels == ("bassin", "département")
    assert len(own.rows) == 3
    assert of("Commune;bassin;département\n" + GOOD).levels == ("", "")


def test_a_hierarchy_is_read_back_as_it_was_written() -> None:
    own = of('commune;bassin;départ;ement\n54;"a""b";x;y\n55;"c\nd";x;y\n56;"c\nd";x;y')
    assert kept(own.levels, written(own)) == own
    assert of(written(own, "commune")) == own
    nameless = of(GOOD)
    assert written(nameless, "commune") == written(nameless) == GOOD


@pytest.mark.parametrize(
    ("text", "code", "values"),
    [
        ("", "hierarchy-without-level", EXAMPLE),
        ("commune;bassin", "hierarchy-without-level", EXAMPLE),
        ("a\nb", "hierarchy-without-level", EXAMPLE),
        ("a,x\nb,x", "hierarchy-without-level", EXAMPLE),
        (";".join("abcdefghijkl"), "hierarchy-levels", {"most": 10}),
        ("commune;bassin\n" + GOOD, "hierarchy-titles", {"expected": 2}),
        ("commune;bassin;bassin\n" + GOOD, "hierarchy-titles", {"expected": 2}),
        ("commune;bassin;\n" + GOOD, "hierarchy-titles", {"expected": 2}),
        ("a;x\nb;x;y", "hierarchy-line", {"line": 2, "found": 3, "expected": 2}),
        ("a;x\n\nb; ", "hierarchy-empty-cell", {"line": 3}),
        (";x\nb;x", "hierarchy-empty-cell", {"line": 1}),
        ("a;x\nb;" + "x" * 101, "hierarchy-long-cell", {"line": 2, "most": 100}),
        ("a;x\nb;x\na;x", "hierarchy-value-twice", {"line": 3, "other": 1}),
        ("a;x\nb;x\n a;x", "hierarchy-value-twice", {"line": 3, "other": 1}),
        (
            "a;x;1\nb;x;2",
            "hierarchy-splits",
            {"line": 2, "other": 1, "finer": 1, "coarser": 2},
        ),
        ("a;x;1\nb;y;1", "hierarchy-same", {}),
        ('a;x\nb;"x', "hierarchy-quotes", {"line": 2}),
        ('a;x\nb;"x"y', "hierarchy-quotes", {"line": 2}),
        ("é;x".encode("latin-1"), "hierarchy-not-text", {}),
        ("a;\0\nb;x", "hierarchy-not-text", {}),
        (b"x" * (MOST_BYTES + 1), "hierarchy-too-large", {"most": 8}),
    ],
)
def test_what_is_no_hierarchy_is_refused_with_its_line(
    text: str | bytes, code: str, values: dict[str, object]
) -> None:
    with pytest.raises(Invalid) as caught:
        of(text)
    assert [one.code for one in caught.value.refusals] == [code]
    assert dict(caught.value.refusals[0].values) == values
    assert caught.value.refusals[0].remedy


@pytest.mark.parametrize("value", ["007", "1.0", "-0", "1e3", "1 000", "+1", "９"])
def test_the_values_of_whole_numbers_are_whole_numbers(value: str) -> None:
    assert of("7;few\n-12;few", PlainType.INTEGER).values == ("7", "-12")
    with pytest.raises(Invalid) as caught:
        of(f"0;few\n{value};few", PlainType.INTEGER)
    assert [one.code for one in caught.value.refusals] == ["hierarchy-not-whole"]


def test_no_more_values_than_the_limit_and_no_more_refusals_than_can_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with pytest.raises(Invalid) as caught:
        of("a;x\n" + ";\n" * 3 + "b;x;y\n" * 50)
    assert len(caught.value.refusals) == MOST_SAID
    monkeypatch.setattr(hierarchies, "MOST_VALUES", 2)
    with pytest.raises(Invalid) as caught:
        of(GOOD)
    assert [one.code for one in caught.value.refusals] == ["hierarchy-values"]


def test_only_texts_and_whole_numbers_that_name_nobody_have_one() -> None:
    for kind in PlainType:
        codes = [one.code for one in refusals_for("x", kind, Level.QUASI_IDENTIFIER)]
        fits = kind in {PlainType.TEXT, PlainType.INTEGER}
        assert codes == ([] if fits else ["hierarchy-of-this-type"])
    named = refusals_for("x", PlainType.TEXT, Level.IDENTIFIER)
    assert [one.code for one in named] == ["hierarchy-of-a-person"]
    with pytest.raises(Refused):
        hierarchies.require_fitting("x", PlainType.TEXT, Level.IDENTIFIER)


def test_a_value_alone_may_have_levels() -> None:
    assert of("a;x;y").values == ("a",)
