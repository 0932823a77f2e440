"""``manage.py prove_destruction``: does anything still open the secret of a grant?"""

from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from access.pseudonymisation import dumps, proving
from hub.crypto.keyring import Keyring
from hub.crypto.master import MasterKeyError, load
from hub.keyring.queries import keyring


class Command(BaseCommand):
    """Try to bring a destroyed grant back, and say whether anything opens."""

    help = "Try to open the secret of a grant from the database, or from an old dump of it."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--grant", type=UUID, required=True, help="the grant's identifier")
        parser.add_argument(
            "--dump", type=Path, help="a plain-text dump (pg_dump); without: the database"
        )
        parser.add_argument(
            "--master",
            action="append",
            default=[],
            help="file:/path of another master key to try, as often as there are",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """
        Try, and tell.

        :raises CommandError: when something opens, or when the dump or a key cannot be read
        """
        try:
            ring = _all_keys(options["master"])
            with _values(options["dump"]) as found:
                tried = proving.attempt(
                    grant_id=options["grant"], found=found, ring=ring, at=timezone.now()
                )
        except MasterKeyError as error:
            raise CommandError(str(error)) from None
        except OSError as error:
            raise CommandError(f"It cannot be read: {error.strerror}.") from None
        self.stdout.write(
            f"Values tried: {tried.values}, under {1 + len(ring.others)} master key(s)."
            f" The grant's share is {'there' if tried.share else 'not there'}."
        )
        if tried.opened:
            raise CommandError(f"The secret of this grant opens: {tried.opened} value(s) give it.")
        if not tried.controls:
            raise CommandError(
                "Nothing opens, but nothing of a living grant does either: this proves nothing."
                " Check the dump and the keys, or use a dump from after a living grant was made."
            )
        self.stdout.write(
            f"Nothing opens. As a control, {tried.controls} value(s) give secrets of living grants."
        )


def _all_keys(more: list[str]) -> Keyring:
    ring = keyring()
    return Keyring(ring.present, (*ring.others, *(load(setting) for setting in more)))


@contextmanager
def _values(dump: Path | None) -> Iterator[Iterator[bytes]]:
    if dump is None:
        yield proving.stored()
        return
    with dump.open("rb") as lines:
        if lines.read(len(dumps.ARCHIVE)) == dumps.ARCHIVE:
            raise CommandError(
                "This dump is no plain text. Make one: pg_restore --file=dump.sql the.dump"
            )
        lines.seek(0)
        yield dumps.values(lines)
