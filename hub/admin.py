"""Django finds the administration of an app here."""

from hub.accounts import admin as admin
