"""The tests: real servers, started by hub.embedded.pytest_plugin; quick passwords."""

import os
import tempfile

# What only looks at the code (types, imports) may load settings where no server runs.
for _name, _value in {
    "HUB_SECRET_KEY": "a secret for tests only, of no worth anywhere else",
    "HUB_MASTER_KEY": "MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=",
    "DATABASE_URL": "postgresql:///hub",
    "REDIS_URL": "redis://127.0.0.1:6379/0",
    "HUB_REQUIRE_TOTP": "0",  # the tests of the second factor ask for it
    "HUB_VAR": os.path.join(tempfile.gettempdir(), "hub-tests"),
}.items():
    os.environ.setdefault(_name, _value)

from hub.settings.base import *  # noqa: E402

DATABASES["default"]["OPTIONS"].pop("pool")  # a pool and throw-away databases do not mix
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
ALLOWED_HOSTS = ["testserver", "127.0.0.1", "localhost"]
REST_FRAMEWORK = {**REST_FRAMEWORK, "DEFAULT_THROTTLE_CLASSES": []}
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
WHITENOISE_AUTOREFRESH = True
