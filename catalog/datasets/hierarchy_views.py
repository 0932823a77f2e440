"""The page where a producer gives a field its own hierarchy."""

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from catalog.datasets import coarsening, hierarchies, queries
from catalog.datasets.forms import HierarchyForm
from catalog.datasets.hierarchies import OwnHierarchy
from catalog.datasets.models import Dataset, Field
from catalog.datasets.states import ReleaseState
from catalog.datasets.steps import steps_of
from catalog.datasets.views import version_shown
from hub.kernel.refusals import Refused, Unknown
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import Role
from hub.web.wording import say_all

SHOWN = 20
"""Lines of a hierarchy on its page; the API gives them all."""


@holders(Role.EDITOR)
def hierarchy(request: HttpRequest, slug: str, position: int) -> HttpResponse:
    """Show how the values of a field are made coarser, give the levels, or remove them."""
    dataset = queries.find_own(actor_in(request), slug)
    release = queries.worked_release(dataset)
    one = next((one for one in queries.fields_of(release) if one.position == position), None)
    if release is None or one is None:
        raise Http404
    posted = request.method == "POST"
    form = HierarchyForm(request.POST, request.FILES) if posted else HierarchyForm()
    refused: Refused | None = None
    if posted and ("remove" in request.POST or form.is_valid()):
        try:
            _change(request, dataset, one, form)
        except Refused as error:
            refused = error
        except Unknown:
            raise Http404 from None
        else:
            messages.success(request, _("Saved."))
            return redirect("dataset_hierarchy", slug=slug, position=position)
    own = _own(one)
    invalid = refused is not None or bool(form.is_bound and form.errors)
    context = {
        "step": steps_of("fields", dataset),
        "dataset": dataset,
        "version": request.POST.get("version") or dataset.version,
        "field": one,
        "own": own,
        "lines": own.rows[:SHOWN] if own else (),
        "more": len(own.rows) - SHOWN if own else 0,
        "form": form,
        "open": release.state in {ReleaseState.DRAFT, ReleaseState.FAILED},
        "published": release.state == ReleaseState.PUBLISHED,
        "most": {
            "levels": hierarchies.MOST_LEVELS,
            "values": hierarchies.MOST_VALUES,
            "size": hierarchies.MOST_BYTES,
        },
        "refusals": say_all(refused.refusals) if refused else [],
    }
    status = 422 if invalid else 200
    return render(request, "datasets/hierarchy.html", context, status=status)


def _change(request: HttpRequest, dataset: Dataset, one: Field, form: HierarchyForm) -> None:
    version, by, at = version_shown(request), actor_in(request), timezone.now()
    if "remove" in request.POST:
        coarsening.take_hierarchy_away(
            dataset_id=dataset.pk, name=one.name, expected=version, by=by, at=at
        )
        return
    coarsening.give_hierarchy(
        dataset_id=dataset.pk,
        name=one.name,
        content=form.content(),
        expected=version,
        by=by,
        at=at,
    )


def _own(one: Field) -> OwnHierarchy | None:
    try:
        return queries.hierarchy_of([one], one.name)
    except Unknown:
        return None
