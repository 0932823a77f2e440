"""My nodes, with the datasets that stay at each; and the choice of a node's source."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from catalog.datasets import at_node, queries as datasets
from catalog.datasets.at_node import of_nodes
from catalog.datasets.house_keys import signer
from catalog.datasets.steps import steps_of
from catalog.nodes import actions, queries
from catalog.nodes.forms import ClosureForm, NodeForm
from catalog.nodes.rules import NodeState, is_silent
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import Role
from hub.web.wording import say_all


@holders(Role.SIGNATORY)
def my_nodes(request: HttpRequest) -> HttpResponse:
    """List the nodes, and open one; its secret is shown once, in the answer to the form."""
    form = NodeForm(request.POST or None)
    if request.method != "POST":
        return _page(request, NodeForm())
    if not form.is_valid():
        return _page(request, form, status=422)
    try:
        opened = actions.open_node(by=actor_in(request), at=timezone.now(), **form.cleaned_data)
    except Refused as refused:
        return _page(request, form, refused=refused, status=422)
    return _page(request, NodeForm(), opened=opened)


@holders(Role.SIGNATORY)
@require_POST
def node_secret(request: HttpRequest, node_id: UUID) -> HttpResponse:
    """Give a node another secret, shown once."""
    try:
        renewed = actions.renew_secret(node_id=node_id, by=actor_in(request), at=timezone.now())
    except Refused as refused:
        return _page(request, NodeForm(), refused=refused, status=409)
    return _page(request, NodeForm(), opened=renewed)


@holders(Role.SIGNATORY)
@require_POST
def node_close(request: HttpRequest, node_id: UUID) -> HttpResponse:
    """Close a node for ever."""
    reason = request.POST.get("reason", "")
    try:
        actions.close(node_id=node_id, reason=reason, by=actor_in(request), at=timezone.now())
    except Refused as refused:
        return _page(request, NodeForm(), refused=refused, status=409)
    messages.success(request, _("The node is closed."))
    return redirect("my_nodes")


@holders(Role.EDITOR)
def dataset_at_node(request: HttpRequest, slug: str) -> HttpResponse:
    """Let the rows of the prepared release stay at a node: choose which of its sources."""
    actor = actor_in(request)
    dataset = datasets.find_own(actor, slug)
    refused: Refused | None = None
    if request.method == "POST":
        try:
            at_node.leave(
                dataset_id=dataset.pk,
                node_id=_identifier(request.POST.get("node", "")),
                name=request.POST.get("source", ""),
                by=actor,
                at=timezone.now(),
            )
        except Refused as error:
            refused = error
        else:
            messages.success(request, _("The fields are proposed from what the node counted."))
            return redirect("dataset_fields", slug=slug)
    context = {
        "step": steps_of("data", dataset),
        "dataset": dataset,
        "offers": queries.offered_to(actor),
        "refusals": say_all(refused.refusals) if refused else [],
    }
    return render(request, "datasets/at_node.html", context, status=409 if refused else 200)


def _identifier(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise Unknown from None


def _page(
    request: HttpRequest,
    form: NodeForm,
    *,
    opened: tuple[object, str] | None = None,
    refused: Refused | None = None,
    status: int = 200,
) -> HttpResponse:
    now, nodes = timezone.now(), list(queries.of_mine(actor_in(request)))
    titles = of_nodes([one.pk for one in nodes])
    context: dict[str, Any] = {
        "form": form,
        "nodes": [
            (
                one,
                is_silent(state=NodeState(one.state), seen_at=one.seen_at, at=now),
                titles[one.pk],
            )
            for one in nodes
        ],
        "closure": ClosureForm(),
        "opened": opened[0] if opened else None,
        "secret": opened[1] if opened else "",
        "hub_url": settings.HUB_BASE_URL,
        "hub_key": signer().public,
        "refusals": say_all(refused.refusals) if refused else [],
    }
    response = render(request, "nodes/mine.html", context, status=status)
    response.headers["Cache-Control"] = "no-store"
    return response
