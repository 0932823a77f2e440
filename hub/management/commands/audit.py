"""``manage.py audit verify``: is the trail whole?"""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from hub.audit.queries import verify


class Command(BaseCommand):
    """Work on the trail."""

    help = "Verify the trail's chain and name the first broken link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("work", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        found = verify()
        if found.broken_at is not None:
            raise CommandError(
                f"The trail is broken: event {found.broken_at} does not follow the one before it."
            )
        self.stdout.write(f"The trail is whole: {found.events} events, head {found.head}.")
