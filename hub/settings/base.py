"""What is the same everywhere. Values come from the environment, through one reader."""

from pathlib import Path
from urllib.parse import urlsplit

import dj_database_url
import django_stubs_ext
from csp.constants import NONCE, NONE, SELF
from django.utils.translation import gettext_lazy as _

from catalog.nodes.rules import NodeState
from catalog.vocabularies.levels import Tier
from hub.people.permissions import Profile
from hub.settings.environment import read, read_list
from hub.settings.logs import logging_config

django_stubs_ext.monkeypatch()  # generic classes of Django may be given their parameter

BASE_DIR = Path(__file__).resolve().parents[2]
VAR_DIR = (BASE_DIR / read("HUB_VAR")).resolve()

HUB_VERSION = "0.1.0"
HUB_NAME = read("HUB_NAME")
HUB_OPERATOR = read("HUB_OPERATOR")
HUB_THEME = read("HUB_THEME")
HUB_BASE_URL = read("HUB_BASE_URL").rstrip("/")
HUB_MASTER_KEY = read("HUB_MASTER_KEY")
HUB_FORMER_MASTER_KEYS = read_list("HUB_FORMER_MASTER_KEYS")
HUB_GRANT_KEYS = Path(read("HUB_GRANT_KEYS") or VAR_DIR / "grant-keys").resolve()
HUB_UPLOAD_LIMIT = int(read("HUB_UPLOAD_LIMIT"))
HUB_NODE_LIMIT = int(read("HUB_NODE_LIMIT"))
HUB_SOURCE_HOSTS = read_list("HUB_SOURCE_HOSTS")
HUB_S3_ENDPOINTS = read_list("HUB_S3_ENDPOINTS")
HUB_PRIVATE_HOSTS = read_list("HUB_PRIVATE_HOSTS")
HUB_EXTRACT_DAYS = int(read("HUB_EXTRACT_DAYS"))
HUB_ESTIMATE_ROWS = int(read("HUB_ESTIMATE_ROWS"))
HUB_EXTRACT_THREADS = int(read("HUB_EXTRACT_THREADS"))
HUB_EXTRACT_MEMORY = int(read("HUB_EXTRACT_MEMORY"))
HUB_EXTRACT_DISK = int(read("HUB_EXTRACT_DISK"))
HUB_STATISTICAL_ROWS = int(read("HUB_STATISTICAL_ROWS"))
HUB_SMALLEST_K = int(read("HUB_SMALLEST_K"))
HUB_LARGEST_SUPPRESSION = float(read("HUB_LARGEST_SUPPRESSION"))
HUB_DOMINANCE_N = int(read("HUB_DOMINANCE_N"))
HUB_DOMINANCE_K = float(read("HUB_DOMINANCE_K"))
HUB_TABLE_SOLVER = read("HUB_TABLE_SOLVER")
HUB_DEMO_PUPILS = int(read("HUB_DEMO_PUPILS"))
HUB_REIDENTIFICATION_PERSONS = int(read("HUB_REIDENTIFICATION_PERSONS"))
HUB_REIDENTIFICATION_DEMANDS = int(read("HUB_REIDENTIFICATION_DEMANDS"))
HUB_TRAIL_FOR_AUDITORS = ("reidentification.",)
HUB_REQUIRE_TOTP = read("HUB_REQUIRE_TOTP") == "1"

SECRET_KEY = read("HUB_SECRET_KEY")
DEBUG = False
ALLOWED_HOSTS = read_list("HUB_ALLOWED_HOSTS")
CSRF_TRUSTED_ORIGINS = [HUB_BASE_URL]

INSTALLED_APPS = [
    "hub.apps.HubConfig",
    "catalog.apps.CatalogConfig",
    "access.apps.AccessConfig",
    "hub.administration.HubAdminConfig",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.postgres",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "django.forms",
    "widget_tweaks",
    "dsfr",
    "guardian",
    "rest_framework",
    "drf_spectacular",
    "knox",
    "allauth",
    "allauth.account",
    "allauth.mfa",
    "django_structlog",
    "csp",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "hub.people.middleware.LanguageMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_structlog.middlewares.RequestMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "hub.people.middleware.SecondFactorMiddleware",
    "hub.web.answers.AnswersMiddleware",
]

ROOT_URLCONF = "hub.urls"
ASGI_APPLICATION = "hub.asgi.application"
WSGI_APPLICATION = "hub.wsgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "hub" / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.template.context_processors.i18n",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
                "csp.context_processors.nonce",
                "hub.people.context.hub",
            ],
            "libraries": {"hub_widgets": "hub.web.tags"},
        },
    }
]
FORM_RENDERER = "hub.web.renderers.DsfrRenderer"

# -- data ------------------------------------------------------------------------------------

DATABASES = {"default": dj_database_url.parse(read("DATABASE_URL"))}
DATABASES["default"]["OPTIONS"] = {
    **DATABASES["default"].get("OPTIONS", {}),
    "pool": {"min_size": 1, "max_size": int(read("HUB_DB_POOL")), "timeout": 20},
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

REDIS_URL = read("REDIS_URL")
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "hub",
    }
}
SESSION_ENGINE = "django.contrib.sessions.backends.cached_db"
SESSION_COOKIE_AGE = 12 * 3600
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"

# -- Celery ----------------------------------------------------------------------------------

_broker = urlsplit(REDIS_URL)
CELERY_BROKER_URL = (
    REDIS_URL if _broker.scheme != "unix" else REDIS_URL.replace("unix://", "redis+socket://", 1)
)
# Longer than the longest task: a message is never delivered twice while it still runs. What a
# killed worker left is taken up sooner, from the lease that every extract keeps in PostgreSQL.
CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 6 * 3600}
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_DEFAULT_QUEUE = "hub"
CELERY_TASK_ROUTES = {
    "access.estimate": {"queue": "extracts"},
    "access.run_extract": {"queue": "extracts"},
    "access.receive_extract": {"queue": "extracts"},
}
CELERY_TASK_TIME_LIMIT = 5 * 3600
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SOFT_SHUTDOWN_TIMEOUT = 3
CELERY_TIMEZONE = "Europe/Paris"
CELERY_BEAT_SCHEDULE = {
    "outbox": {"task": "hub.sweep_outbox", "schedule": 10.0},
    "leases": {"task": "access.resume_extracts", "schedule": 10.0},
    "purge": {"task": "access.purge_ended", "schedule": 60.0},
    "lapse": {"task": "access.lapse_drafts", "schedule": 3600.0},
    "reidentifications": {"task": "access.lapse_reidentifications", "schedule": 300.0},
    "uploads": {"task": "catalog.sweep_uploads", "schedule": 600.0},
    "ingestions": {"task": "catalog.resume_ingestions", "schedule": 15.0},
}

# -- people ----------------------------------------------------------------------------------

AUTH_USER_MODEL = "hub.User"
AUTHENTICATION_BACKENDS = [
    "django.contrib.auth.backends.ModelBackend",
    "guardian.backends.ObjectPermissionBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {
        "NAME": "django.contrib.auth.password_validation.MinimumLengthValidator",
        "OPTIONS": {"min_length": 12},
    },
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
]
ANONYMOUS_USER_NAME = None
GUARDIAN_RAISE_403 = True
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "account"
LOGOUT_REDIRECT_URL = "home"
ACCOUNT_USER_MODEL_USERNAME_FIELD = None
ACCOUNT_USER_MODEL_EMAIL_FIELD = "email"
ACCOUNT_LOGIN_METHODS = {"email"}
ACCOUNT_SIGNUP_FIELDS = ["email*", "password1*", "password2*"]
ACCOUNT_SIGNUP_FORM_CLASS = "hub.people.forms.SignupForm"
ACCOUNT_EMAIL_VERIFICATION = "optional"
ACCOUNT_PREVENT_ENUMERATION = True
ACCOUNT_SESSION_REMEMBER = False
ACCOUNT_ADAPTER = "hub.people.adapters.AccountAdapter"
ACCOUNT_EMAIL_SUBJECT_PREFIX = ""
MFA_ADAPTER = "hub.people.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = HUB_NAME
KNOX_TOKEN_MODEL = "hub.ApiToken"
# knox's own migrations would create the table of the model that ours replaces.
MIGRATION_MODULES = {"knox": None}
REST_KNOX = {
    "TOKEN_MODEL": "hub.ApiToken",
    "AUTO_REFRESH": False,
    "AUTH_HEADER_PREFIX": "Bearer",
    "TOKEN_TTL": None,
}

# -- API -------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "hub.people.tokens.BearerAuthentication",
        "hub.people.tokens.PageSessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["hub.people.gates.Closed"],
    "DEFAULT_PARSER_CLASSES": ["rest_framework.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": ["rest_framework.renderers.JSONRenderer"],
    "DEFAULT_PAGINATION_CLASS": "hub.web.pagination.NewestFirst",
    "PAGE_SIZE": 50,
    "DEFAULT_SCHEMA_CLASS": "hub.web.openapi.Described",
    "DEFAULT_THROTTLE_CLASSES": ["hub.web.throttles.PerToken", "hub.web.throttles.PerAddress"],
    "DEFAULT_THROTTLE_RATES": {"token": "1200/min", "address": "600/min"},
    "EXCEPTION_HANDLER": "hub.web.problems.handle",
    "UNAUTHENTICATED_USER": "django.contrib.auth.models.AnonymousUser",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Education Data Hub",
    "DESCRIPTION": "Find, ask for, receive and account for education data.",
    "VERSION": "1",
    "OAS_VERSION": "3.1.1",
    "SCHEMA_PATH_PREFIX": "/api/v1",
    "SERVE_INCLUDE_SCHEMA": False,
    "SERVE_PERMISSIONS": ["hub.people.gates.Open"],
    "SORT_OPERATIONS": True,
    "COMPONENT_SPLIT_REQUEST": True,
    "POSTPROCESSING_HOOKS": [
        "drf_spectacular.hooks.postprocess_schema_enums",
        "hub.web.openapi.with_problems",
    ],
    "ENUM_NAME_OVERRIDES": {
        "NodeStateEnum": [state.value for state in NodeState],
        "ProfileEnum": [profile.value for profile in Profile],
        "PurposeEnum": "catalog.vocabularies.purposes.Purpose.choices",
        "TierEnum": [tier.value for tier in Tier],
    },
}

# -- languages, time ---------------------------------------------------------------------------

LANGUAGE_CODE = read("HUB_LANGUAGE")
LANGUAGES = [("fr", _("French")), ("en", _("English"))]
LOCALE_PATHS = [BASE_DIR / "hub" / "locale"]
TIME_ZONE = "Europe/Paris"
USE_I18N = True
USE_TZ = True

# -- files -----------------------------------------------------------------------------------

STATIC_URL = "/static/"
STATICFILES_DIRS = [BASE_DIR / "hub" / "static"]
WHITENOISE_USE_FINDERS = True
DSFR_USE_INTEGRITY_CHECKSUMS = False
FILE_UPLOAD_HANDLERS = ["hub.web.uploads.BoundedUploadHandler"]
FILE_UPLOAD_TEMP_DIR = None
# The table of a dataset's fields is one form: 250 fields of 8 inputs.
DATA_UPLOAD_MAX_NUMBER_FIELDS = 4000

# -- security --------------------------------------------------------------------------------

X_FRAME_OPTIONS = "DENY"
CSRF_FAILURE_VIEW = "hub.web.answers.forged"
SECURE_REFERRER_POLICY = "same-origin"
SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [NONE],
        "script-src": [SELF, NONCE],
        "style-src": [SELF],
        "img-src": [SELF, "data:"],
        "font-src": [SELF],
        "connect-src": [SELF],
        "form-action": [SELF],
        "frame-ancestors": [NONE],
        "base-uri": [NONE],
        "manifest-src": [SELF],
    }
}

# -- mail, logs ------------------------------------------------------------------------------

_mail = urlsplit(read("HUB_MAIL_URL"))
DEFAULT_FROM_EMAIL = read("HUB_MAIL_FROM")
EMAIL_BACKEND = {
    "console": "django.core.mail.backends.console.EmailBackend",
    "file": "django.core.mail.backends.filebased.EmailBackend",
    "smtp": "django.core.mail.backends.smtp.EmailBackend",
}[_mail.scheme]
EMAIL_FILE_PATH = _mail.path
EMAIL_HOST = _mail.hostname or "localhost"
EMAIL_PORT = _mail.port or 25
EMAIL_TIMEOUT = 10

LOGGING = logging_config(read("HUB_LOG_LEVEL"))
LOGGING_CONFIG = "logging.config.dictConfig"
DJANGO_STRUCTLOG_IP_LOGGING_ENABLED = False
DJANGO_STRUCTLOG_CELERY_ENABLED = False
DJANGO_STRUCTLOG_USER_ID_FIELD = None
