"""What a query text asks of SQS, `queue=mail count=all`, and what the answer means. Pure.

https://docs.aws.amazon.com/AWSSimpleQueueService/latest/APIReference/API_GetQueueAttributes.html
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_sources.fields import parse

Attribute = Literal["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible", "ApproximateNumberOfMessagesDelayed"]

VISIBLE: Attribute = "ApproximateNumberOfMessages"
IN_FLIGHT: Attribute = "ApproximateNumberOfMessagesNotVisible"
DELAYED: Attribute = "ApproximateNumberOfMessagesDelayed"
COUNTS: Mapping[str, tuple[Attribute, ...]] = {
    "visible": (VISIBLE,),
    "in_flight": (IN_FLIGHT,),
    "delayed": (DELAYED,),
    "all": (VISIBLE, IN_FLIGHT, DELAYED),
}

NAME = re.compile(r"[A-Za-z0-9_-]{1,80}|[A-Za-z0-9_-]{1,75}\.fifo")
URL = re.compile(r"https?://[A-Za-z0-9.:-]{1,253}(/[A-Za-z0-9_-]{1,80}){0,2}/(" + NAME.pattern + ")")
OWNER = re.compile(r"[0-9]{12}")
COUNT = re.compile(r"[0-9]{1,12}")


@dataclass(frozen=True, slots=True)
class Queue:
    """A queue by its URL, or by its name in our account or in that of `owner`."""

    named: str
    owner: str = ""

    @property
    def is_url(self) -> bool:
        """Whether its URL need not be asked for."""
        return "/" in self.named


@dataclass(frozen=True, slots=True)
class SqsQuestion:
    """A queue, and which of its messages are counted (a name in COUNTS)."""

    queue: Queue
    count: str


def sqs_question(text: str) -> SqsQuestion:
    """The question of a text; PolicyError says where it is wrong."""
    fields = parse(text, ("queue", "count", "owner"))
    named, owner = fields.text("queue"), fields.text("owner", "")
    if not (NAME.fullmatch(named) or URL.fullmatch(named)):
        raise fields.wrong("queue", "is no queue", "write its name, or its URL as https://sqs.eu-central-1.amazonaws.com/123456789012/mail")
    if "owner" in fields.found and not (OWNER.fullmatch(owner) and "/" not in named):
        raise fields.wrong("owner", "is none for this queue", "write the 12 digits of an account beside a queue's name, or its URL alone")
    return SqsQuestion(Queue(named, owner), fields.choice("count", tuple(COUNTS), "visible"))


def messages(attributes: object, count: str) -> int | Unknown:
    """How many messages, in milli-units. SQS writes numbers as texts."""
    if not isinstance(attributes, dict):
        return Unknown(Code.MALFORMED, "the answer holds no attributes")
    total = 0
    for name in COUNTS[count]:
        found = attributes.get(name)
        if found is None:
            return Unknown(Code.MISSING, f"the answer does not say {name}")
        if not isinstance(found, str):
            return Unknown(Code.MALFORMED, f"{name} is no text")
        if not COUNT.fullmatch(found):
            return Unknown(Code.NOT_A_NUMBER, f"{name} is {found[:40]!r}")
        total += int(found) * 1000
    return total
