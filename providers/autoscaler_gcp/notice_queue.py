"""Takes notices out of a subscription of Pub/Sub; each comes again after the subscription's own time unless it is acknowledged.

https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions/pull
"""

import base64
from contextlib import suppress

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler_clouds.rest import Rest
from autoscaler_clouds.told import letter
from autoscaler_gcp.notice_calls import Subscription
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_sources.api_bodies import Json

MOST = 100
"""In one call; Pub/Sub may give fewer, though more wait."""

CALLS = 4
AT_ONCE = 1000
"""Receipts in one call: some 200 bytes each, and a request may have 512 KiB."""


class PubSubNoticeQueue:
    """One subscription."""

    def __init__(self, settings: GcpNotices, site: Site) -> None:
        self._settings = settings
        self._clock = site.runtime.monotonic
        self._subscription = Subscription(settings, site)

    def take(self, deadline: Duration) -> tuple[Letter, ...]:
        """Until a call brings none, or half the time is over."""
        ends, letters = self._clock() + deadline.ms // 2, list[Letter]()
        rest = self._subscription.within(Duration(deadline.ms // 2))
        for _ in range(CALLS):
            found = self._pulled(rest)
            letters += found
            if not found or self._clock() >= ends:
                break
        return tuple(letters)

    def drop(self, letters: tuple[Letter, ...]) -> None:
        """A thousand at a time; what is not dropped comes again."""
        receipts = list(dict.fromkeys(one.receipt for one in letters))
        rest = self._subscription.within(self._settings.timeout)
        for start in range(0, len(receipts), AT_ONCE):
            self._post(rest, "acknowledge", {"ackIds": receipts[start : start + AT_ONCE]})

    def _pulled(self, rest: Rest) -> list[Letter]:
        """At once: who does not ask for that is held for a minute and more while there is none, and a tick has seconds."""
        told = self._post(rest, "pull", {"maxMessages": MOST, "returnImmediately": True})
        received = told.get("receivedMessages", [])
        return [_letter(one) for one in received if _has_receipt(one)] if isinstance(received, list) else []

    def _post(self, rest: Rest, method: str, body: dict[str, object]) -> Json:
        try:
            return rest.post(f"{self._settings.address}:{method}", body).body
        except NotFoundError:
            raise
        except SetupError:
            self._subscription.forget()
            raise


def _has_receipt(received: object) -> bool:
    return isinstance(received, dict) and isinstance(received.get("ackId"), str)


def _letter(received: Json) -> Letter:
    message, data = received.get("message"), b""
    with suppress(ValueError, TypeError):
        data = base64.b64decode(str(message["data"]), validate=True) if isinstance(message, dict) and "data" in message else b""
    return letter(str(received["ackId"]), data, "gcp")
