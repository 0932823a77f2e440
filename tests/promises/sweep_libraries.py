"""The table of what libraries bring: accounts and their second factor, the administration."""

from tests.promises.sweep_pages import (
    AUDITOR,
    EXAMINERS,
    HUB_ADMIN,
    OTHER_STEWARD,
    VISITOR,
)
from tests.promises.sweeping import CLOSED, REFUSED, anyone, line, members, those

OFFICERS = (*EXAMINERS, OTHER_STEWARD, HUB_ADMIN)
LED = 302

ACCOUNTS = (
    line("account_login", "GET", anyone(LED) | those(VISITOR)),
    line("account_login", "POST", anyone(LED) | those(VISITOR), body={"login": "x"}),
    line("account_signup", "GET", anyone(LED) | those(VISITOR)),
    line("account_signup", "POST", anyone(LED) | those(VISITOR), body={"email": "x"}),
    line("account_logout", "GET", members() | those(VISITOR, status=LED)),
    line("account_logout", "POST", anyone(LED)),
    line("account_inactive", "GET", anyone()),
    line("account_reauthenticate", "GET", members()),
    line("account_reauthenticate", "POST", members(), body={"password": "x"}),
    line("account_email", "GET", members(LED)),
    line("account_email", "POST", members(LED), body={"action_add": "", "email": "x"}),
    line("account_email_verification_sent", "GET", anyone()),
    line("account_change_password", "GET", members()),
    line("account_change_password", "POST", members(), body={"oldpassword": "x"}),
    line("account_set_password", "GET", members(LED)),
    line("account_set_password", "POST", members(LED)),
    line("account_reset_password", "GET", anyone()),
    line("account_reset_password", "POST", anyone(), body={"email": "x"}),
    line("account_reset_password_done", "GET", anyone()),
    line("account_reset_password_from_key", "GET", anyone(), uidb36="1", key="x-y"),
    line("account_reset_password_from_key", "POST", anyone(), uidb36="1", key="x-y"),
    line("account_reset_password_from_key_done", "GET", anyone()),
    line("account_confirm_email", "GET", anyone(), key="unknown"),
    line("account_confirm_email", "POST", anyone(404), key="unknown"),
    line("account_confirm_login_code", "GET", anyone(LED)),
    line("account_confirm_login_code", "POST", anyone(LED)),
    line("mfa_index", "GET", members()),
    line("mfa_authenticate", "GET", anyone(LED)),
    line("mfa_authenticate", "POST", anyone(LED)),
    line("mfa_reauthenticate", "GET", members(LED)),
    line("mfa_reauthenticate", "POST", members(LED), body={"code": "x"}),
    line("mfa_activate_totp", "GET", members(LED)),
    line("mfa_activate_totp", "POST", members(LED), body={"code": "x"}),
    line("mfa_deactivate_totp", "GET", members(404)),
    line("mfa_deactivate_totp", "POST", members(404)),
    line("mfa_view_recovery_codes", "GET", members(404)),
    line("mfa_generate_recovery_codes", "GET", members(LED)),
    line("mfa_generate_recovery_codes", "POST", members(LED)),
    line("mfa_download_recovery_codes", "GET", members(404)),
)
CONFIGURED = (HUB_ADMIN, AUDITOR)
TABLES = {
    "organisation": (
        "{organisation}",
        {"slug": "autre", "name": "Autre", "kind": "school"},
    ),
    "user": ("{user}", {"email": "autre@demo.example", "first_name": "A", "last_name": "B"}),
    "membership": (
        "{membership}",
        {
            "user": "{user}",
            "organisation": "{organisation}",
            "profile": "school",
            "starts_at": "2026-01-01T00:00",
        },
    ),
}
ADMIN = (
    line("admin:index", "GET", those(*OFFICERS), CLOSED),
    line("admin:login", "GET", anyone(LED)),
    line("admin:login", "POST", anyone(LED), body={"username": "x", "password": "x"}),
    line(
        "admin:logout", "POST", those(*OFFICERS, status=LED) | those(VISITOR, status=LED), CLOSED
    ),
    line("admin:password_change", "GET", those(*OFFICERS, status=LED), CLOSED),
    line("admin:password_change", "POST", those(*OFFICERS, status=LED), CLOSED),
    line("admin:password_change_done", "GET", those(*OFFICERS, status=LED), CLOSED),
    line(
        "admin:autocomplete",
        "GET",
        those(*CONFIGURED),
        CLOSED,
        path="/admin/autocomplete/?app_label=hub&model_name=membership&field_name=user&term=vallade",
    ),
    line("admin:jsi18n", "GET", those(*OFFICERS), CLOSED),
    line(
        "admin:view_on_site",
        "GET",
        those(*OFFICERS, status=404),
        CLOSED,
        content_type_id="1",
        object_id="{user}",
    ),
    line("admin:app_list", "GET", those(*CONFIGURED), REFUSED, app_label="hub"),
    line("admin/(?P<url>.*)$", "GET", those(*OFFICERS, status=404), CLOSED, path="/admin/x/"),
    *(
        one
        for table, (thing, body) in TABLES.items()
        for one in (
            line(f"admin:hub_{table}_changelist", "GET", those(*CONFIGURED), CLOSED),
            line(
                f"admin:hub_{table}_changelist",
                "POST",
                those(*CONFIGURED),
                CLOSED,
                {"action": "delete_selected", "_selected_action": thing, "post": "yes"},
            ),
            line(f"admin:hub_{table}_add", "GET", those(HUB_ADMIN), CLOSED),
            line(f"admin:hub_{table}_add", "POST", those(HUB_ADMIN, status=302), CLOSED, body),
            line(f"admin:hub_{table}_change", "GET", those(*CONFIGURED), CLOSED, object_id=thing),
            line(
                f"admin:hub_{table}_change",
                "POST",
                those(HUB_ADMIN, status=302),
                CLOSED,
                body,
                object_id=thing,
            ),
            line(f"admin:hub_{table}_history", "GET", those(*CONFIGURED), CLOSED, object_id=thing),
            line(f"admin:hub_{table}_delete", "GET", {}, CLOSED, object_id=thing),
            line(f"admin:hub_{table}_delete", "POST", {}, CLOSED, object_id=thing),
            line(
                f"admin/hub/{table}/<path:object_id>/",
                "GET",
                those(*OFFICERS, status=LED),
                CLOSED,
                path=f"/admin/hub/{table}/{thing}/",
            ),
        )
    ),
)
LINES = (*ACCOUNTS, *ADMIN)
