"""``manage.py rotate_master_key``: wrap everything under the present master key."""

from argparse import ArgumentParser
from collections.abc import Mapping
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.rotation import rotate, still_elsewhere
from hub.crypto.master import MasterKeyError
from hub.keyring.rewrapping import Unopened


class Command(BaseCommand):
    """Pass from one master key to the next."""

    help = "Wrap everything under HUB_MASTER_KEY. The hub may run, and this may be cut short."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing: say whether anything still needs another key",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Wrap, then look: the answer is about what is stored, not about what was done.

        :raises CommandError: as long as something still needs another key
        """
        try:
            if not options["check"]:
                self._tell("Wrapped again", rotate(at=timezone.now()))
            left = still_elsewhere()
        except (MasterKeyError, Unopened, FileNotFoundError) as error:
            raise CommandError(str(error)) from None
        if any(left.values()):
            self._tell("Not under the present key", left)
            raise CommandError(
                "Something still needs another master key. Keep HUB_FORMER_MASTER_KEYS, make sure"
                " that every process runs under the present key, and run this again."
            )
        self.stdout.write("Everything is under the present key: HUB_FORMER_MASTER_KEYS may go.")

    def _tell(self, title: str, counts: Mapping[str, int]) -> None:
        self.stdout.write(f"{title}: {', '.join(f'{k} {n}' for k, n in counts.items())}.")
