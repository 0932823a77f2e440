"""My account: as whom I act, my tokens."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from hub.accounts import actions
from hub.accounts.forms import TokenForm
from hub.people import queries
from hub.people.acting import SESSION_KEY, actor_in
from hub.people.gates import members


@members
def account(request: HttpRequest) -> HttpResponse:
    """Show the account, and create a token."""
    actor = actor_in(request)
    form = TokenForm(request.POST or None)
    text = ""
    if request.method == "POST" and form.is_valid():
        _token, text = actions.create_token(
            by=actor,
            label=form.cleaned_data["label"],
            scopes=form.scopes_chosen(),
            days=form.cleaned_data["days"],
            at=timezone.now(),
        )
        form = TokenForm()
    assert actor.user_id is not None  # noqa: S101 - the gate let in somebody signed in
    context = {
        "form": form,
        "token_text": text,
        "tokens": queries.tokens_of(actor),
        "memberships": queries.active_memberships(user_id=actor.user_id, at=timezone.now()),
    }
    return render(request, "accounts/account.html", context)


@members
def address(request: HttpRequest) -> HttpResponse:
    """
    Say that nobody changes their own address.

    Invitations are made to addresses, and organisations vouch for those of their members: an
    address that its holder could set would receive what was meant for somebody else.
    """
    messages.info(
        request,
        _("An address is not changed here: ask the hub for an account under the new one."),
    )
    return redirect("account")


@members
@require_POST
def act_as(request: HttpRequest) -> HttpResponse:
    """Choose the membership as which this session acts."""
    actor = actor_in(request)
    assert actor.user_id is not None  # noqa: S101 - the gate let in somebody signed in
    mine = queries.active_memberships(user_id=actor.user_id, at=timezone.now())
    chosen = next((m for m in mine if str(m.pk) == request.POST.get("membership")), None)
    if chosen is None:
        raise Http404
    request.session[SESSION_KEY] = str(chosen.pk)
    messages.success(request, _("You now act as: %(who)s.") % {"who": chosen})
    return redirect("account")


@members
@require_POST
def revoke_token(request: HttpRequest, token_id: UUID) -> HttpResponse:
    """Revoke one of my tokens."""
    if not actions.revoke_token(by=actor_in(request), token_id=token_id, at=timezone.now()):
        raise Http404
    messages.success(request, _("The token is revoked."))
    return redirect("account")
