from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, register


class AccessConfig(AppConfig):
    """Who gets what, on which conditions, and the delivery."""

    name = "access"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Look at the settings of this app when Django looks at all."""
        register(table_solver)


def table_solver(**_asked: object) -> list[CheckMessage]:
    """Ask for a table solver that is known, and installed."""
    from access.extracts.optimising import is_installed  # noqa: PLC0415 - when Django is ready

    chosen = settings.HUB_TABLE_SOLVER
    if chosen not in {"own", "tauargus"}:
        return [Error("HUB_TABLE_SOLVER is own or tauargus.", id="access.E001")]
    if chosen == "tauargus" and not is_installed():
        hint = "Install it: pip install 'education-data-hub[tauargus]'."
        return [Error("HUB_TABLE_SOLVER asks for tau-Argus.", hint, id="access.E002")]
    return []
