"""``manage.py load_demo``: build the demo world, or go on where it was cut short."""

import logging
from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils import timezone

from hub.demo.world import build


class Command(BaseCommand):
    """Load the demo world."""

    help = "Build the demo world: open files, generated pupils, four requests."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--size", type=int, default=settings.HUB_DEMO_PUPILS, help="how many pupils to draw"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # The demo's node calls the hub of this process: its calls are no news for whoever waits.
        for name in ("django_structlog", "access.node"):
            logging.getLogger(name).setLevel(logging.WARNING)
        build(at=timezone.now(), tell=self.stdout.write, size=options["size"])
        self.stdout.flush()
