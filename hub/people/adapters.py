"""How allauth's accounts behave here."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.http import HttpRequest

from hub.crypto import keys, master


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by e-mail address; nothing about a person in a log."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.language = getattr(request, "LANGUAGE_CODE", "")
        if commit:
            user.save()
        return user


PURPOSE = ("second-factor",)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second factor, encrypted at rest under the hub's master key."""

    def encrypt(self, text: str) -> str:
        wrapped = keys.wrap(keys.Secret(text.encode()), under=_key(), about=PURPOSE)
        return base64.b64encode(wrapped).decode()

    def decrypt(self, encrypted_text: str) -> str:
        wrapped = base64.b64decode(encrypted_text)
        return keys.unwrap(wrapped, under=_key(), about=PURPOSE).reveal().decode()


def _key() -> keys.Secret:
    return keys.wrapping_key(master.load(settings.HUB_MASTER_KEY), "people")
