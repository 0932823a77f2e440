"""The documents in the repository are the ones that the code would write."""

from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from access.management.commands.write_reference import PAGES, outdated


def test_the_generated_pages_are_current() -> None:
    assert outdated(Path(settings.BASE_DIR) / "docs/reference") == []


def test_the_check_names_the_pages_that_are_not_current(tmp_path: Path, settings: Any) -> None:
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match=r"request-states\.md"):
        call_command("write_reference", check=True)
    call_command("write_reference")
    call_command("write_reference", check=True)

    folder = tmp_path / "docs/reference"
    written = {str(path.relative_to(folder)) for path in folder.rglob("*") if path.is_file()}
    assert written == set(PAGES)
