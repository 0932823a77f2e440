"""How allauth's accounts behave here."""

import base64
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.http import HttpRequest

from hub.crypto.keys import Secret
from hub.keyring.queries import keyring


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    """Accounts by e-mail address; nothing about a person in a log."""

    def save_user(self, request: HttpRequest, user: Any, form: Any, commit: bool = True) -> Any:
        user = super().save_user(request, user, form, commit=False)
        user.language = getattr(request, "LANGUAGE_CODE", "")
        if commit:
            user.save()
        return user


PEOPLE = "people"
SECOND_FACTOR = ("second-factor",)


class MFAAdapter(DefaultMFAAdapter):  # type: ignore[misc]
    """Secrets of the second factor, encrypted at rest under the hub's master key."""

    def encrypt(self, text: str) -> str:
        wrapped = keyring().wrap(Secret(text.encode()), PEOPLE, *SECOND_FACTOR)
        return base64.b64encode(wrapped).decode()

    def decrypt(self, encrypted_text: str) -> str:
        wrapped = base64.b64decode(encrypted_text)
        return keyring().unwrap(wrapped, PEOPLE, *SECOND_FACTOR).reveal().decode()
