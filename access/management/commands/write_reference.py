"""Write the generated pages of docs/reference, or tell which are not current."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from access.errands import reference as nodes
from access.extracts import reference as extracts
from access.grants import reference as grants
from access.reidentification import reference as reidentification
from access.requests import reference as requests
from hub.settings import environment  # noqa: TID251 - its page is written from what it declares

PAGES: Mapping[str, Callable[[], str]] = {
    "request-states.md": requests.page,
    "grant-states.md": grants.page,
    "extract-states.md": extracts.page,
    "reidentification-states.md": reidentification.page,
    "settings.md": environment.page,
    **nodes.PAGES,
}


def outdated(folder: Path) -> list[str]:
    """Return the names of the pages that are not what the code would write."""
    return [
        name
        for name, page in PAGES.items()
        if not (folder / name).is_file() or (folder / name).read_text(encoding="utf-8") != page()
    ]


class Command(BaseCommand):
    """Write the generated pages of docs/reference."""

    help = "Write the generated pages of docs/reference."

    def add_arguments(self, parser: CommandParser) -> None:
        """Add ``--check``."""
        parser.add_argument("--check", action="store_true", help="change nothing: only compare")

    def handle(self, *_args: Any, **options: Any) -> None:
        """
        Write what changed, or with ``--check`` only compare.

        :raises CommandError: with ``--check``, when a page is not current
        """
        folder = Path(settings.BASE_DIR) / "docs" / "reference"
        names = outdated(folder)
        if options["check"]:
            if names:
                raise CommandError(f"Not current: {', '.join(names)}. Run: make docs")
            return
        folder.mkdir(parents=True, exist_ok=True)
        for name in names:
            (folder / name).parent.mkdir(exist_ok=True)
            (folder / name).write_text(PAGES[name](), encoding="utf-8")
            self.stdout.write(f"Written: docs/reference/{name}")
