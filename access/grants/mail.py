"""One mail to one person, in their language: what happened, and where to look."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from django.conf import settings
from django.core.mail import send_mail
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from hub.outbox.actions import owe
from hub.people.queries import people_by_id


@dataclass(frozen=True, slots=True)
class Words:
    """What is said to one side about one event: messages to translate."""

    subject: str
    body: str


@dataclass(frozen=True, slots=True)
class Letter:
    """What a mail says: messages to translate, with the values of their places."""

    subject: str
    body: str
    page: str
    """The name of the address where it is all said."""
    page_of: UUID
    values: Mapping[str, object] = field(default_factory=dict)


def owe_each(
    *, event: str, about: UUID, what: str, people: Iterable[UUID], at: datetime, once: str
) -> None:
    """
    Owe one mail to each person: each is sent, retried and settled on its own.

    :param event: whose reaction sends the mail
    :param what: the event that is told
    :param once: what makes the event unique, so that nobody is told twice
    """
    for user_id in sorted(people):
        owe(
            event=event,
            payload={"about": str(about), "what": what, "user": str(user_id)},
            at=at,
            key=f"{event}:{once}:{user_id}",
        )


def send(letter: Letter, user_id: UUID) -> None:
    """Send a letter; a person whose account is gone or closed gets none."""
    user = people_by_id({user_id}).get(user_id)
    if user is None or not user.is_active:
        return
    with translation.override(user.language or settings.LANGUAGE_CODE):
        link = settings.HUB_BASE_URL + reverse(letter.page, args=[letter.page_of])
        paragraphs = [
            gettext("Hello %(name)s,") % {"name": user.get_full_name() or user.email},
            gettext(letter.body) % dict(letter.values),
            link,
            settings.HUB_NAME,
        ]
        # A title written by somebody must not break the header.
        subject = " ".join((gettext(letter.subject) % dict(letter.values)).split())[:150]
        send_mail(subject, "\n\n".join(paragraphs), None, [user.email])
