"""The images are not built here; what they name must exist, and agree with the embedded servers."""

import importlib.util
import re
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.conf import settings

from hub.embedded import postgres
from hub.embedded.processes import Programme
from hub.embedded.programmes import long_running
from hub.embedded.setting import Setting
from hub.settings.environment import VARIABLES  # noqa: TID251 - the list of what can be set

ROOT = Path(__file__).resolve().parents[2]
ENTRYPOINT = (ROOT / "docker/entrypoint.sh").read_text(encoding="utf-8")
DOCKERFILE = (ROOT / "docker/Dockerfile").read_text(encoding="utf-8")
OURS = ("prepare", "web", "worker", "beat")
AT_A_PRODUCER = "node"
"""The same image at a producer's: it is given nothing of the hub's."""


@pytest.fixture(scope="module")
def compose() -> dict[str, Any]:
    read = yaml.safe_load((ROOT / "docker/compose.yaml").read_text(encoding="utf-8"))
    assert isinstance(read, dict)
    return read


def test_every_process_of_the_hub_is_a_service_and_a_word_of_the_entrypoint(
    compose: dict[str, Any],
) -> None:
    words = set(re.findall(r"(?m)^    ([a-z]+)\)$", ENTRYPOINT))
    assert words == {*OURS, AT_A_PRODUCER}
    assert set(compose["services"]) == {*OURS, AT_A_PRODUCER, "postgres", "valkey"}
    for name in (*OURS, AT_A_PRODUCER):
        assert compose["services"][name]["command"] == [name]


def test_every_variable_that_a_service_is_given_is_a_setting(compose: dict[str, Any]) -> None:
    for name in OURS:
        assert set(compose["services"][name]["environment"]) <= set(VARIABLES)


def test_only_the_service_that_prepares_may_alter_tables(compose: dict[str, Any]) -> None:
    owners = {
        name for name in OURS if "DATABASE_OWNER_URL" in compose["services"][name]["environment"]
    }
    assert owners == {"prepare"}


def test_a_node_is_given_nothing_of_the_hub(compose: dict[str, Any]) -> None:
    node = compose["services"][AT_A_PRODUCER]
    assert node["environment"] == {}
    assert node["secrets"] == []
    assert node["networks"] == ["outside"]
    assert not any(volume.startswith("hub:") for volume in node["volumes"])
    assert node["profiles"] == ["node"]


def test_no_service_runs_as_root_or_can_become_it(compose: dict[str, Any]) -> None:
    assert re.search(r"(?m)^USER hub$", DOCKERFILE)
    for name in (*OURS, AT_A_PRODUCER):
        assert compose["services"][name]["cap_drop"] == ["ALL"]
        assert compose["services"][name]["read_only"] is True


def test_databases_are_out_of_reach_from_outside(compose: dict[str, Any]) -> None:
    assert compose["networks"]["inside"] == {"internal": True}
    for name in ("postgres", "valkey"):
        assert compose["services"][name]["networks"] == ["inside"]
        assert "ports" not in compose["services"][name]


def test_every_module_that_the_entrypoint_runs_is_installed() -> None:
    names = set(re.findall(r"(?:-m |-A )([\w.]+)", ENTRYPOINT))
    names |= set(re.findall(r"uvicorn ([\w.]+):", ENTRYPOINT))
    assert names == {"uvicorn", "celery", "hub.celery", "hub.asgi", "access.node"}
    assert all(importlib.util.find_spec(name) for name in names)


def test_the_queues_of_the_image_are_those_of_the_embedded_hub_and_of_the_settings(
    tmp_path: Path,
) -> None:
    programmes: list[Programme] = long_running(
        Setting(tmp_path, 8000, {}), environment={}, log=tmp_path, inherited=()
    )
    [worker] = [programme.command for programme in programmes if programme.name == "worker"]
    queues = worker[worker.index("-Q") + 1]
    assert f"-Q {queues} " in ENTRYPOINT
    routed = {route["queue"] for route in settings.CELERY_TASK_ROUTES.values()}
    assert {*routed, settings.CELERY_TASK_DEFAULT_QUEUE} == set(queues.split(","))


def test_postgresql_is_as_quiet_in_its_image_as_when_embedded(compose: dict[str, Any]) -> None:
    command = compose["services"]["postgres"]["command"]
    for name, value in postgres.QUIET.items():
        assert f"{name}={value}" in command


def test_every_file_that_the_images_copy_or_mount_exists(compose: dict[str, Any]) -> None:
    copied = re.findall(r"(?m)^COPY (?!--from)(.+) \S+$", DOCKERFILE)
    assert copied
    mounts = [v.split(":")[0] for v in compose["services"]["postgres"]["volumes"]]
    files = [ROOT / word for words in copied for word in words.split()]
    files += [ROOT / "docker" / mount for mount in mounts if mount.startswith(".")]
    assert [str(path) for path in files if not path.exists()] == []
