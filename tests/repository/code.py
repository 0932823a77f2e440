"""
Find the messages of the code by reading it: nothing is imported.

Three signs tell a message: it is given where messages are given (:data:`CALLS`), it stands in a
table of messages (:data:`TABLES`), or it is a whole sentence in a slice that speaks to people.
What speaks to operators and programmers alone (:data:`FOR_OTHERS`) stays in English.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

FOR_OTHERS = (
    "hub/settings",
    "hub/embedded",
    "hub/demo",
    "hub/crypto",
    "hub/keyring",
    "hub/people/tokens.py",
    "hub/web/openapi.py",
    "hub/web/problems.py",
    "catalog/nodes/calling.py",
    "access/node/",
    "errands/schemas.py",
    "management",
    "migrations",
    "reference.py",
)
"""Rooms whose sentences are for operators and programmers."""

CALLS: Mapping[str, tuple[tuple[int, ...], tuple[str, ...]]] = {
    "_": ((0,), ()),
    "gettext": ((0,), ()),
    "gettext_lazy": ((0,), ()),
    "gettext_noop": ((0,), ()),
    "Refusal": ((1, 2), ("explanation", "remedy")),
    "ConnectorError": ((1, 2), ("explanation", "remedy")),
    "_named": ((2, 3), ("explanation", "remedy")),
    "Sentence": ((1,), ("message",)),
    "Choice": ((1,), ("label",)),
    "Step": ((1,), ("label",)),
    "Reason": ((0,), ("text",)),
    "LevelRule": ((0, 1, 2), ("name", "meaning", "delivered")),
    "TierRule": ((0, 1), ("name", "delivered")),
    "Suggestion": ((1, 2), ("label",)),
    "Words": ((0, 1), ("subject", "body")),
    "Letter": ((), ("subject", "body")),
    "translate": ((0,), ()),
    "translated": ((1,), ("empty",)),
    "say": ((0,), ()),
}
"""Name of what is called → where its messages are: positions, names."""

PLURALS = {"ngettext", "ngettext_lazy"}

TABLES = {
    "BODIES",
    "CONTRADICTED",
    "DUTIES",
    "EVENTS",
    "EXACT_LABEL",
    "NOTHING_LABEL",
    "KEPT",
    "MISSING",
    "NOT_OF_TYPE",
    "OPERATORS",
    "PATH",
    "REASONS",
    "REMEDIES",
    "SENTENCES",
    "SUBJECT",
    "TERMS",
    "UNTITLED",
    "WARNINGS",
}
"""Names of constants whose values are messages."""

SENTENCE = re.compile(r"(?:[A-Z“«]|%\()[^\n]* [^\n]*[.!?:»]")


class Message(NamedTuple):
    """A message, and what it becomes for many things."""

    singular: str
    plural: str = ""


def in_code(folders: Iterable[Path]) -> Iterator[Message]:
    """Yield the messages of the Python modules of some folders."""
    for folder in folders:
        for path in sorted(folder.rglob("*.py")):
            name = path.relative_to(folder.parent).as_posix()
            if "/migrations/" not in name:
                speaks = not any(each in name for each in FOR_OTHERS)
                yield from in_source(path.read_text(), sentences=speaks)


def in_source(source: str, *, sentences: bool = False) -> Iterator[Message]:
    """
    Yield the messages of a piece of Python.

    :param sentences: whether whole sentences are messages wherever they stand
    """
    tree = ast.parse(source)
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield from _of_call(node)
        elif isinstance(node, ast.Assign | ast.AnnAssign) and _names(node) & TABLES:
            yield from (Message(text) for text in _values(node.value))
    if sentences:
        silent = _silent(tree)
        for node in ast.walk(tree):
            text = _text(node)
            if SENTENCE.fullmatch(text) and id(node) not in silent:
                yield Message(text)


def _of_call(node: ast.Call) -> Iterator[Message]:
    name = _called(node)
    if name in PLURALS:
        yield Message(*(_text(argument) for argument in node.args[:2]))
    positions, keywords = CALLS.get(name, ((), ()))
    given = [node.args[each] for each in positions if each < len(node.args)]
    given += [each.value for each in node.keywords if each.arg in keywords]
    for argument in given:
        yield from (Message(text) for text in _texts(argument))


def _called(node: ast.Call) -> str:
    """Return the last name of what is called, or of the mapping that holds it."""
    called = node.func.value if isinstance(node.func, ast.Subscript) else node.func
    if isinstance(called, ast.Attribute):
        return called.attr
    return called.id if isinstance(called, ast.Name) else ""


def _texts(node: ast.expr) -> Iterator[str]:
    """Yield the text of an argument, or both of a choice between two."""
    if isinstance(node, ast.IfExp):
        yield from _texts(node.body)
        yield from _texts(node.orelse)
    else:
        yield _text(node)


def _names(node: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = node.targets if isinstance(node, ast.Assign) else [node.target]
    return {target.id.lstrip("_") for target in targets if isinstance(target, ast.Name)}


def _values(node: ast.expr | None) -> Iterator[str]:
    """Yield the messages of a table: all its texts but the keys, and the codes that begin rows."""
    if node is None:
        return
    keys: set[int] = set()
    for one in ast.walk(node):
        if isinstance(one, ast.Dict):
            keys |= {id(key) for key in one.keys}
        elif isinstance(one, ast.Tuple):
            keys |= {
                id(row.elts[0]) for row in one.elts if isinstance(row, ast.Tuple) and row.elts
            }
    for each in ast.walk(node):
        if id(each) not in keys:
            yield _text(each)


def _text(node: ast.AST) -> str:
    """Return the text of a literal, empty for anything else."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""


def _silent(tree: ast.Module) -> set[int]:
    """Return the sentences that no person reads: docstrings, and errors of programmers."""
    found: set[int] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Expr):
            found.add(id(node.value))
        elif isinstance(node, ast.Call) and _is_for_programmers(node):
            found |= {id(each) for each in ast.walk(node)}
        elif isinstance(node, ast.JoinedStr):
            found |= {id(each) for each in node.values}
    return found


def _is_for_programmers(node: ast.Call) -> bool:
    name = _called(node)
    return name in {
        "extend_schema",
        "extend_schema_view",
        "OpenApiParameter",
        "OpenApiResponse",
    } or (name.endswith("Error") and name != "ConnectorError")
