"""Every task of Celery is in one list, and its messages carry opaque identifiers only."""

import ast
import inspect
import typing
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from hub.celery import app

ROOT = Path(__file__).resolve().parents[2]
TASKS = {
    "access.estimate": "what a plan would suppress is counted on the real rows",
    "access.lapse_drafts": "drafts that nobody touched are warned, then lapse",
    "access.lapse_reidentifications": "demands to name persons lapse, and what they hold is wiped",
    "access.purge_ended": "bytes and secrets go when their time is over",
    "access.react": "what follows an event, once",
    "access.receive_extract": "what a node delivered is looked at and published",
    "access.resume_extracts": "extracts that a killed worker left are taken up",
    "access.run_extract": "one extract is made",
    "catalog.ingest": "one release is taken into the vault",
    "catalog.resume_ingestions": "ingestions that a killed worker left are taken up",
    "catalog.sweep_uploads": "uploads that nobody used are removed",
    "hub.sweep_outbox": "messages that were not sent are sent again",
}
"""Every task of the hub, and what for. Each is tested to do its work once when it runs twice."""


def ours() -> dict[str, Any]:
    app.loader.import_default_modules()
    return {name: task for name, task in app.tasks.items() if not name.startswith("celery.")}


def test_every_task_is_in_the_list() -> None:
    assert ours().keys() == TASKS.keys()


def test_what_beat_calls_exists_and_needs_no_argument() -> None:
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        task = ours()[str(entry["task"])]
        assert not inspect.signature(task.run).parameters
        assert "args" not in entry
        assert "kwargs" not in entry


def test_what_is_routed_exists() -> None:
    assert settings.CELERY_TASK_ROUTES.keys() <= ours().keys()


@pytest.mark.parametrize("name", sorted(TASKS))
def test_a_message_carries_opaque_identifiers_only(name: str) -> None:
    parameters = inspect.signature(ours()[name].run).parameters
    types = typing.get_type_hints(ours()[name].run)

    assert all(one.endswith("_id") for one in parameters)
    assert all(types[one] is str for one in parameters)


def test_a_task_is_called_by_its_name_with_an_identifier_and_nothing_else() -> None:
    calls = [
        (path.name, node)
        for app_ in ("hub", "catalog", "access")
        for path in sorted((ROOT / app_).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and node.func.attr in {"send_task", "apply_async", "delay"}
    ]
    assert calls
    for name, call in calls:
        said = {one.arg: one.value for one in call.keywords}
        body = said.pop("kwargs")
        assert isinstance(body, ast.Dict), name
        keys = [one.value for one in body.keys if isinstance(one, ast.Constant)]
        assert all(str(key).endswith("_id") for key in keys), name
        assert said.keys() <= {"retry", "queue"}, name


def test_results_are_not_kept_and_messages_are_plain() -> None:
    assert app.conf.task_ignore_result
    assert list(app.conf.accept_content) == ["json"]
    assert app.conf.task_acks_late
