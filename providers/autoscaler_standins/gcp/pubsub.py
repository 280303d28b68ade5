"""A topic of Pub/Sub with one subscription: what is published waits, is leased to who pulls, and comes again unless it is acknowledged.

https://cloud.google.com/pubsub/docs/reference/rest/v1/projects.subscriptions
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from autoscaler.model.quantities import Duration, Instant
from autoscaler_standins.clock import Clock
from autoscaler_standins.gcp.words import invalid, not_found

Json = Mapping[str, Any]
NAME = re.compile(r"[A-Za-z][A-Za-z0-9._~+%-]{2,254}")
METRIC = "pubsub.googleapis.com/subscription/num_undelivered_messages"
COUNTED = re.compile(rf'metric\.type="{re.escape(METRIC)}" AND resource\.labels\.subscription_id="(.*)"')
MOST = 1000


@dataclass(slots=True)
class Message:
    """`hidden_until`: leased until then. `receipt`: of its last lease."""

    id: str
    data: str
    at: Instant
    hidden_until: int = 0
    receipt: str = ""


@dataclass(slots=True)
class Subscription:
    """`patience`: how long who pulled has, to acknowledge."""

    name: str
    topic: str
    patience: Duration = Duration(60_000)
    waiting: list[Message] = field(default_factory=list)


class PubSub:
    """One project's. `all`: by their ids. `counts`: whether Cloud Monitoring has counted yet what waits."""

    def __init__(self, clock: Clock, project: str) -> None:
        self.all: dict[str, Subscription] = {}
        self.counts = True
        self._clock = clock
        self._project = project
        self._count = 0

    def add(self, subscription: str, topic: str) -> Subscription:
        """A subscription, and its topic."""
        found = self.all[subscription] = Subscription(subscription, topic)
        return found

    def methods(self) -> Mapping[str, Callable[[Json, Json, Json], dict[str, Any]]]:
        """By id of Google's: each takes path, query and body."""
        return {
            "pubsub.projects.topics.publish": lambda path, _, body: self._publish(path, body),
            "pubsub.projects.subscriptions.get": lambda path, *_: self._shown(self._found(path)),
            "pubsub.projects.subscriptions.pull": lambda path, _, body: self._pull(self._found(path), body),
            "pubsub.projects.subscriptions.acknowledge": lambda path, _, body: self._acknowledge(self._found(path), body),
            "monitoring.projects.timeSeries.list": lambda _, query, __: self._counted(query),
        }

    def put(self, subscription: str, data: str) -> None:
        """As if it had been published; `data` in base64."""
        self._count += 1
        self.all[subscription].waiting.append(Message(id=str(self._count), data=data, at=self._clock.now()))

    def _publish(self, path: Json, body: Json) -> dict[str, Any]:
        known = [one.name for one in self.all.values() if one.topic == path["topicsId"]]
        if path["projectsId"] != self._project or not known:
            raise not_found(f"projects/{path['projectsId']}/topics/{path['topicsId']}")
        sent = body.get("messages", [])
        if not 0 < len(sent) <= MOST or not all(one.get("data") or one.get("attributes") for one in sent):
            raise invalid("The request must have one to a thousand messages, none of them empty.")
        for one in sent:
            for name in known:
                self.put(name, one.get("data", ""))
        return {"messageIds": [str(self._count - len(sent) + number + 1) for number in range(len(sent))]}

    def _found(self, path: Json) -> Subscription:
        found = self.all.get(path["subscriptionsId"])
        if found is None or path["projectsId"] != self._project:
            raise not_found(f"projects/{path['projectsId']}/subscriptions/{path['subscriptionsId']}")
        return found

    def _shown(self, one: Subscription) -> dict[str, Any]:
        beginning = f"projects/{self._project}"
        return {
            "name": f"{beginning}/subscriptions/{one.name}",
            "topic": f"{beginning}/topics/{one.topic}",
            "ackDeadlineSeconds": one.patience.ms // 1000,
            "state": "ACTIVE",
        }

    def _pull(self, one: Subscription, body: Json) -> dict[str, Any]:
        """Who would wait for one is told at once that there is none: Google may do so too."""
        most, now = int(body.get("maxMessages", 0)), self._clock.now()
        if most < 1:
            raise invalid("max_messages must be greater than 0")
        free = [message for message in one.waiting if message.hidden_until <= now][: min(most, MOST)]
        for message in free:
            self._count += 1
            message.hidden_until, message.receipt = now + one.patience.ms, f"ack-{self._count}"
        return {"receivedMessages": [{"ackId": message.receipt, "message": _message(message)} for message in free]} if free else {}

    def _acknowledge(self, one: Subscription, body: Json) -> dict[str, Any]:
        """What is not known any more is no error."""
        gone = body.get("ackIds", [])
        if not gone:
            raise invalid("You have passed an empty list of ack ids.")
        one.waiting = [message for message in one.waiting if message.receipt not in gone or not message.receipt]
        return {}

    def _counted(self, query: Json) -> dict[str, Any]:
        """One point of a minute ago; no series of what is not there."""
        asked = COUNTED.fullmatch(query["filter"])
        if asked is None:
            raise invalid("This stand-in counts what waits in one subscription, and nothing else.")
        if asked[1] not in self.all or not self.counts:
            return {"unit": "1"}
        at = _time(self._clock.now() - 60_000)
        point = {"interval": {"startTime": at, "endTime": at}, "value": {"int64Value": str(len(self.all[asked[1]].waiting))}}
        series = {
            "metric": {"type": METRIC},
            "resource": {"type": "pubsub_subscription", "labels": {"project_id": self._project, "subscription_id": asked[1]}},
            "metricKind": "GAUGE",
            "valueType": "INT64",
            "points": [point],
        }
        return {"timeSeries": [series], "unit": "1"}


def _message(one: Message) -> dict[str, str]:
    return {"data": one.data, "messageId": one.id, "publishTime": _time(one.at)}


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
