"""Storage queues: what is put waits, is hidden from the others once it is got, and comes again unless it is deleted.

https://learn.microsoft.com/rest/api/storageservices/operations-on-messages. There is no published model beside these pages: what they ask
of a request is checked, and answers are as they show them.
"""

import base64
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime, parsedate_to_datetime
from html import escape, unescape

from autoscaler_standins.clock import Clock
from autoscaler_standins.serving import Asked, Reply

PATH = re.compile(r"/(?P<account>[a-z0-9]{3,24})/(?P<queue>[a-z0-9](?:-?[a-z0-9]){2,62})(?P<messages>/messages(?:/(?P<id>[^/]+))?)?")
COUNT, PUT, GET, DELETE = "Queue.GetProperties", "Messages.Enqueue", "Messages.Dequeue", "MessageId.Delete"
KNOWN = {COUNT: {"comp"}, PUT: {"messagettl", "visibilitytimeout"}, GET: {"numofmessages", "visibilitytimeout"}, DELETE: {"popreceipt"}}
"""Operations as Azure's specification names them, and what may be in their queries."""

BODY = re.compile(rb"<QueueMessage><MessageText>([^<]*)</MessageText></QueueMessage>")
MOST, OLDEST = 32, "2017-11-09"
"""From this version on the service lets tokens in."""

LONGEST, WEEK_S = 65_536, 604_800


class _No(Exception):  # noqa: N818 - an answer of the cloud
    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status, self.code = status, code


@dataclass(slots=True)
class Message:
    """`receipt`: of who got it last. `shown_at`: when whoever asks gets it."""

    id: str
    text: str
    at: int
    shown_at: int
    receipt: str = ""


@dataclass(slots=True)
class Queues:
    """`all`: by account and name."""

    clock: Clock
    all: dict[tuple[str, str], list[Message]] = field(default_factory=dict)
    count: int = 0

    def put(self, account: str, queue: str, text: str) -> None:
        """As if somebody had sent it."""
        self.count += 1
        now = self.clock.now()
        self.all[account, queue].append(Message(f"00000000-0000-4000-8000-{self.count:012}", text, now, now))

    def answer(self, operation: str, asked: Asked) -> Reply:
        """Do it, or say why not in Azure's words."""
        does: Mapping[str, Callable[[Asked, list[Message], str], Reply]] = {
            COUNT: self._count,
            PUT: self._put,
            GET: self._get,
            DELETE: self._delete,
        }
        try:
            _check(operation, asked)
            messages, name = self._found(asked.path)
            return does[operation](asked, messages, name)
        except _No as no:
            return refused(no.status, no.code)

    def _found(self, path: str) -> tuple[list[Message], str]:
        """What waits in the queue, and the message that is meant, if any."""
        found = PATH.fullmatch(path)
        messages = self.all.get((found["account"], found["queue"])) if found else None
        if found is None or messages is None:
            raise _No(404, "QueueNotFound")
        return messages, found["id"] or ""

    def _count(self, asked: Asked, messages: list[Message], _: str) -> Reply:
        if asked.params["comp"] != "metadata":
            raise _No(400, "InvalidQueryParameterValue")
        return Reply(headers={"x-ms-approximate-messages-count": str(len(messages))})

    def _put(self, asked: Asked, _: list[Message], __: str) -> Reply:
        sent = BODY.fullmatch(asked.body)
        if sent is None or len(sent[1]) > LONGEST:
            raise _No(400, "InvalidXmlDocument")
        account, queue = asked.path.split("/")[1:3]
        self.put(account, queue, unescape(sent[1].decode()))
        return Reply(status=201)

    def _get(self, asked: Asked, messages: list[Message], _: str) -> Reply:
        most, hidden = int(asked.params.get("numofmessages", "1")), int(asked.params.get("visibilitytimeout", "30"))
        if not 1 <= most <= MOST or not 1 <= hidden <= WEEK_S:
            raise _No(400, "OutOfRangeQueryParameterValue")
        now = self.clock.now()
        got = [one for one in messages if one.shown_at <= now][:most]
        for one in got:
            self.count += 1
            one.shown_at, one.receipt = now + hidden * 1000, base64.b64encode(f"+/{self.count:06}".encode()).decode()
        body = "".join(_shown(one) for one in got)
        xml = f'\ufeff<?xml version="1.0" encoding="utf-8"?><QueueMessagesList>{body}</QueueMessagesList>'
        return Reply(body=xml.encode(), headers={"Content-Type": "application/xml"})

    def _delete(self, asked: Asked, messages: list[Message], name: str) -> Reply:
        one = next((each for each in messages if each.id == name), None)
        if one is None:
            raise _No(404, "MessageNotFound")
        if one.receipt != asked.params["popreceipt"]:
            raise _No(400, "PopReceiptMismatch")
        messages.remove(one)
        return Reply(status=204)


def operation_of(asked: Asked) -> str:
    """Its name; empty where it is none of a queue's."""
    found = PATH.fullmatch(asked.path)
    if found is None:
        return ""
    if not found["messages"]:
        return COUNT if asked.method == "GET" else ""
    return {"GET": GET, "POST": PUT}.get(asked.method, "") if not found["id"] else {"DELETE": DELETE}.get(asked.method, "")


def refused(status: int, code: str) -> Reply:
    """As a storage service says no."""
    xml = f'\ufeff<?xml version="1.0" encoding="utf-8"?><Error><Code>{code}</Code><Message>{code}</Message></Error>'
    return Reply(body=xml.encode(), status=status, headers={"Content-Type": "application/xml", "x-ms-error-code": code})


def _check(operation: str, asked: Asked) -> None:
    """What tokens need: a version that knows them, and a date."""
    if set(asked.params) - KNOWN[operation] - {"timeout"}:
        raise _No(400, "InvalidQueryParameterValue")
    missing = {COUNT: "comp", DELETE: "popreceipt"}.get(operation)
    if missing and missing not in asked.params:
        raise _No(400, "MissingRequiredQueryParameter")
    if asked.headers.get("x-ms-version", "") < OLDEST:
        raise _No(400, "InvalidHeaderValue")
    try:
        parsedate_to_datetime(asked.headers.get("x-ms-date", ""))
    except (TypeError, ValueError) as error:
        raise _No(400, "InvalidHeaderValue") from error


def _shown(one: Message) -> str:
    times = {"InsertionTime": one.at, "ExpirationTime": one.at + WEEK_S * 1000, "TimeNextVisible": one.shown_at}
    fields = {
        "MessageId": one.id,
        **{name: format_datetime(datetime.fromtimestamp(at / 1000, UTC), usegmt=True) for name, at in times.items()},
        "PopReceipt": one.receipt,
        "DequeueCount": "1",
        "MessageText": escape(one.text, quote=False),
    }
    return f"<QueueMessage>{''.join(f'<{name}>{value}</{name}>' for name, value in fields.items())}</QueueMessage>"
