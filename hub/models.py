"""Django finds the models of an app here; nobody else imports this module."""

from hub.audit.models import AuditEvent as AuditEvent
from hub.keyring.models import HouseSecret as HouseSecret
from hub.outbox.models import Message as Message
from hub.people.models import (
    ApiToken as ApiToken,
    Membership as Membership,
    Organisation as Organisation,
    User as User,
)
from hub.web.models import Answer as Answer
