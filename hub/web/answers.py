"""Pages for what the rules answer where a view has nothing better to say."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.views.defaults import page_not_found, permission_denied

from hub.kernel.refusals import Forbidden, Unknown


class AnswersMiddleware:
    """What one may not know of is a page that is not there; what is not one's own says so."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer for a view that let the rules speak."""
        if isinstance(error, Unknown):
            return page_not_found(request, error)
        if isinstance(error, Forbidden):
            return permission_denied(request, error)
        return None
