"""Takes notices out of a storage queue, 32 at a time; each comes again after a minute unless it is deleted."""

import base64
import re
from contextlib import suppress
from html import unescape
from urllib.parse import quote

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError
from autoscaler.model.notices import Letter
from autoscaler.model.quantities import Duration
from autoscaler_azure.notice_calls import StorageQueue
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_clouds.told import letter

MOST = 32
"""Messages that Azure gives in one call."""

CALLS = 4
HIDDEN_S = 60
MESSAGE = re.compile(r"<QueueMessage>(.*?)</QueueMessage>", re.DOTALL)
FIELD = re.compile(r"<(MessageId|PopReceipt|MessageText)>([^<]*)</")
"""Flat, and whatever stands in a text is escaped: no parser of XML is needed, nor its traps."""


class StorageNoticeQueue:
    """One queue."""

    def __init__(self, settings: AzureNotices, site: Site) -> None:
        self._clock = site.runtime.monotonic
        self._timeout = settings.timeout
        self._queue = StorageQueue(settings, site)

    def take(self, deadline: Duration) -> tuple[Letter, ...]:
        """Until a call brings fewer than 32, or half the time is over."""
        ends, letters = self._clock() + deadline.ms // 2, list[Letter]()
        params = {"numofmessages": str(MOST), "visibilitytimeout": str(HIDDEN_S)}
        for _ in range(CALLS):
            answer = self._queue.ask("GET", "/messages", params, Duration(deadline.ms // 2))
            found = letters_of(answer.body.decode(errors="replace"))
            letters += found
            if len(found) < MOST or self._clock() >= ends:
                break
        return tuple(letters)

    def drop(self, letters: tuple[Letter, ...]) -> None:
        """One by one, for Azure has no other call; what is not deleted comes again, and what has come again is not deleted."""
        for receipt in dict.fromkeys(one.receipt for one in letters):
            name, _, pop = receipt.partition(" ")
            with suppress(NotFoundError):
                self._queue.ask("DELETE", f"/messages/{quote(name, safe='')}", {"popreceipt": pop}, self._timeout)


def letters_of(body: str) -> list[Letter]:
    """One for each message, whatever is in it."""
    fields = [{name: unescape(text) for name, text in FIELD.findall(one)} for one in MESSAGE.findall(body)]
    return [_letter(one) for one in fields if "MessageId" in one and "PopReceipt" in one]


def _letter(message: dict[str, str]) -> Letter:
    data = b""
    with suppress(ValueError):
        data = base64.b64decode(message.get("MessageText", ""), validate=True)
    return letter(f"{message['MessageId']} {message['PopReceipt']}", data, "azure")
