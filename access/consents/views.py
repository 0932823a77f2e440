"""The page where a producer loads the words about a dataset."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from access.consents import actions, queries
from access.consents.forms import LoadForm
from access.consents.serializers import said
from hub.kernel.refusals import Invalid, Unknown
from hub.people.acting import actor_in
from hub.people.gates import holders
from hub.people.permissions import Role
from hub.web.wording import Said, say_all


@holders(Role.EDITOR, Role.STEWARD, Role.DPO)
def consents(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what was loaded, in numbers, and load a file."""
    actor, at = actor_in(request), timezone.now()
    try:
        dataset = queries.loadable(actor, slug)
    except Unknown:
        raise Http404 from None
    form = LoadForm(request.POST or None, request.FILES or None)
    refusals: list[Said] = []
    if request.method == "POST" and form.is_valid():
        try:
            batch = actions.load_file(
                dataset=dataset,
                stream=form.cleaned_data["file"].file,
                defaults=form.defaults(at),
                keep_good=form.cleaned_data["keep_good"],
                by=actor,
                at=at,
            )
        except Invalid as refused:
            refusals = say_all(refused.refusals)
        else:
            message = _("%(loaded)s lines of %(lines)s are loaded.")
            values = {"loaded": batch.loaded, "lines": batch.lines}
            messages.success(request, message % values)
            return redirect("dataset_consents", slug=dataset.slug)
    page = Paginator(queries.batches(dataset.id), 20).get_page(request.GET.get("page"))
    context = {
        "dataset": dataset,
        "form": form,
        "refusals": refusals,
        "page": page,
        "batches": [(batch, said(batch)) for batch in page],
        "counts": [(one.label, number) for one, number in queries.counts(dataset.id).items()],
    }
    return render(request, "consents/page.html", context, status=422 if refusals else 200)
