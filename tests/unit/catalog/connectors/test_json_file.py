"""JSON as programmes export it: lines or one array, with what a table cannot hold refused."""

import gzip
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings, strategies as st

from catalog.connectors import naming
from catalog.connectors.files import FileKind
from catalog.connectors.json_file import objects as parsing
from catalog.connectors.streams import OnDisk
from catalog.vocabularies.plain_types import PlainType
from tests.unit.catalog.connectors.reading import error_of, looked_at, read_whole

SECRET = "123456789AA"


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "rows"


def test_the_columns_are_the_union_of_the_names(path: Path) -> None:
    path.write_text('{"a": 1, "b": "012"}\n\n{"b": null, "c": {"d": true}}\n')
    kind, seen = looked_at(path)
    assert kind is FileKind.JSON
    assert seen.row_count == 2
    assert [(one.name, one.native) for one in seen.columns] == [
        ("a", PlainType.INTEGER),
        ("b", None),
        ("c.d", PlainType.BOOLEAN),
    ]
    assert read_whole(path) == [
        {"a": "1", "b": "012", "c.d": None},
        {"a": None, "b": None, "c.d": "true"},
    ]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
@pytest.mark.parametrize("indent", [None, 2])
def test_an_array_reads_as_lines_do(path: Path, pack: Any, indent: int | None) -> None:
    rows = [{"a": n, "b": f"é{n}"} for n in range(3000)]
    path.write_bytes(pack(b"\xef\xbb\xbf" + json.dumps(rows, indent=indent).encode()))
    assert read_whole(path) == [{"a": str(n), "b": f"é{n}"} for n in range(3000)]


def test_numbers_keep_every_digit(path: Path) -> None:
    path.write_text('{"n": 1.10, "code": 12345678901234567890123, "m": 1}\n{"m": 2.5}\n')
    assert read_whole(path)[0] == {"n": "1.10", "code": "12345678901234567890123", "m": "1"}
    natives = {one.name: one.native for one in looked_at(path)[1].columns}
    assert natives == {"n": PlainType.NUMBER, "code": None, "m": PlainType.NUMBER}


@pytest.mark.parametrize(
    ("content", "code", "number"),
    [
        (b'{"a": 1}\n{"a": \n', "bad_json", 2),
        (b'{"a": 1}\n\n{"a": NaN}\n', "bad_json", 2),
        (b'{"a": 1}\n[1]\n', "not_an_object", 2),
        (b'{"a": 1}\n{"a": 1, "a": 2}\n', "duplicate_keys", 2),
        (b'{"a.b": 1, "a": {"b": 2}}\n', "duplicate_keys", 1),
        (b'{"a": [1]}\n', "nested_value", 1),
        (b'{"a": {"b": {"c": 1}}}\n', "nested_value", 1),
        (b'{"a": "\xe9"}\n', "not_utf8", None),
        (b'[{"a": 1},\n {"a": "\xe9"}]', "not_utf8", None),
        (b'{"a": "\\ud800"}\n', "broken_text", None),
        (b'{"a": "\\u0000"}\n', "broken_text", None),
        (b'{"a": "' + b"x" * 200_000 + b'"}\n', "cell_too_long", None),
        (b'{"a": "' + b"x" * 1_000_000 + b'"}\n', "object_too_long", 1),
        (b'[{"a": "' + b"x" * 2_000_000 + b'"}]', "object_too_long", 1),
        (b'[{"a": "' + b"x" * 1_000_001 + b'"}]', "object_too_long", 1),
        (b'[{"a": 1}', "bad_json", 1),
        (b'[{"a": 1},]', "bad_json", 2),
        (b'[{"a": 1}] x', "bad_json", 2),
        (b'[{"a": 1} {"a": 2}]', "bad_json", 1),
        (b"[1]", "not_an_object", 1),
        (b"[]", "no_rows", None),
        (b"[" * 100_000, "bad_json", 1),
        (b'{"a":' * 100_000, "bad_json", 1),
        (b'{"e@x.fr": 1, "b": 2}\n', "no_header", None),
        (b'{"a\\nb": 1, "c": 2}\n', "column_name_broken", None),
        (b"{}\n", "no_rows", None),
    ],
)
def test_a_bad_object_is_named_by_its_number(
    path: Path, content: bytes, code: str, number: int | None
) -> None:
    path.write_bytes(content)
    error = error_of(path)
    assert error.code == code
    assert error.values.get("number") == number


def test_an_error_never_holds_what_a_cell_or_a_key_like_a_cell_says(path: Path) -> None:
    for content in (
        f'{{"a": 1}}\n{{"a": {SECRET}}}\n',
        f'{{"{SECRET}": {{"x": [1]}}}}\n',
        f'{{"{SECRET}": 1, "{SECRET}": 2}}\n',
    ):
        path.write_text(content)
        error = error_of(path)
        assert SECRET not in str(error)
        assert SECRET not in str(error.values)


def test_a_name_that_comes_after_the_sample_is_refused_by_its_line(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("catalog.connectors.json_file.reader.SAMPLE_ROWS", 3)
    path.write_text('{"a": 1}\n' * 4 + '{"a": 1, "z": 2}\n')
    assert looked_at(path)[1].row_count is None
    error = error_of(path)
    assert (error.code, error.values["line"]) == ("new_name", 5)


def test_too_many_names_are_refused(path: Path) -> None:
    path.write_text(json.dumps({f"c{n}": n for n in range(naming.MOST_COLUMNS + 1)}))
    assert error_of(path).code == "too_many_columns"


VALUES = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(10**17), 10**17),
    st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=20),
)


@given(
    rows=st.lists(
        st.dictionaries(st.sampled_from("abcdef"), VALUES, min_size=1), min_size=1, max_size=20
    ),
    form=st.sampled_from(["lines", "array", "indented"]),
)
@settings(max_examples=60)
def test_what_is_written_comes_back(
    tmp_path_factory: pytest.TempPathFactory, rows: list[dict[str, Any]], form: str
) -> None:
    path = tmp_path_factory.mktemp("json") / "rows"
    texts = {
        "lines": "\n".join(json.dumps(row) for row in rows),
        "array": json.dumps(rows, ensure_ascii=False),
        "indented": json.dumps(rows, indent=1),
    }
    path.write_text(texts[form], encoding="utf-8")
    names = list(dict.fromkeys(name for row in rows for name in row))
    assert read_whole(path) == [{name: as_text(row.get(name)) for name in names} for row in rows]


def as_text(value: Any) -> str | None:
    if isinstance(value, bool):
        return "true" if value else "false"
    return None if value is None else str(value)


def test_an_array_is_read_piece_by_piece(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parsing, "_PIECE", 64)
    path.write_text(json.dumps([{"a": "é" * (n % 50)} for n in range(500)], ensure_ascii=False))
    found = list(parsing.objects(OnDisk(path)))
    assert [len(one.value["a"]) for one in found] == [n % 50 for n in range(500)]
