"""``Idempotency-Key``: a call that creates, sent twice, creates once."""

import hashlib
import json
from datetime import timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from hub.kernel.refusals import Invalid, Refusal, Refused
from hub.web.models import Answer

KEPT = timedelta(days=1)


class CreatesOnce(APIView):
    """
    A view whose POST honours ``Idempotency-Key``.

    The key is taken before the work starts, in the same transaction as the work: two calls at
    once wait for one another, and a refused call leaves the key free.
    """

    def dispatch(self, request: Any, *args: Any, **kwargs: Any) -> Any:
        key = request.headers.get("Idempotency-Key", "")
        if request.method != "POST" or not key:
            return super().dispatch(request, *args, **kwargs)
        self._idempotency_key = key
        with transaction.atomic():
            return super().dispatch(request, *args, **kwargs)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        key = getattr(self, "_idempotency_key", "")
        if key and request.user.pk:
            self._answer = take(
                caller=request.user.pk, key=key, path=request.path, data=request.data
            )
            if self._answer.status is not None:
                self.post = self._again

    def _again(self, _request: Request, *_args: Any, **_kwargs: Any) -> Response:
        return Response(self._answer.body, status=self._answer.status)

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        final = super().finalize_response(request, response, *args, **kwargs)
        answer = getattr(self, "_answer", None)
        if answer is not None and answer.status is None:
            _keep(answer, final)
        return final


def _keep(answer: Answer, final: Response) -> None:
    """Keep what was answered; the key of a refused call is free for another one."""
    if not 200 <= final.status_code < 300:
        answer.delete()
        return
    answer.status = final.status_code
    answer.body = json.loads(json.dumps(final.data, default=str))
    answer.save(update_fields=["status", "body"])


def take(*, caller: Any, key: str, path: str, data: Any) -> Answer:
    """
    Take a key for a call, or find what was answered to it.

    :raises Invalid: when the key is too long
    :raises Refused: when the key was used for another call
    """
    if len(key) > 100:
        raise Invalid([Refusal("key-too-long", "An Idempotency-Key has at most 100 characters.")])
    text = json.dumps([path, data], sort_keys=True, default=str)
    fingerprint = hashlib.sha256(text.encode()).digest()
    now = timezone.now()
    Answer.objects.filter(caller=caller, key=key, asked_at__lt=now - KEPT).delete()
    try:
        with transaction.atomic():
            return Answer.objects.create(
                caller=caller, key=key, fingerprint=fingerprint, asked_at=now
            )
    except IntegrityError:
        answer = Answer.objects.select_for_update(of=("self",)).get(caller=caller, key=key)
        if bytes(answer.fingerprint) != fingerprint:
            raise Refused(
                [
                    Refusal(
                        "key-used",
                        "This Idempotency-Key was used for another call.",
                        "Use a new key for a new call.",
                    )
                ]
            ) from None
        return answer
