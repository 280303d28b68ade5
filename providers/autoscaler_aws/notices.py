"""What AWS says it will do to single instances, as EventBridge puts it into a queue.

https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/spot-instance-termination-notices.html
https://docs.aws.amazon.com/health/latest/ug/aws-health-events-eventbridge-schema.html
"""

import json
from collections.abc import Iterator
from contextlib import suppress
from email.utils import parsedate_to_datetime

from autoscaler.model.history import Notice
from autoscaler.model.quantities import Duration, Instant
from autoscaler.model.samples import Unknown
from autoscaler_sources.moments import instant, moment

SPOT = "EC2 Spot Instance Interruption Warning"
HEALTH = "AWS Health Event"
WARNING = Duration(120_000)
"""From the warning on, a spot instance runs for two minutes."""

LONGEST = 120
ACTIONS = ("terminate", "stop", "hibernate")


def notices(body: str) -> tuple[Notice, ...]:
    """Of one message; nothing of news that change nothing for us, or that nobody can read."""
    with suppress(ValueError, TypeError, AttributeError, LookupError):
        event = json.loads(body)
        said = moment(event["time"])
        if isinstance(said, Unknown):
            return ()
        match event["detail-type"]:
            case "EC2 Spot Instance Interruption Warning":
                return _reclaimed(event["detail"], said)
            case "AWS Health Event":
                return tuple(_scheduled(event["detail"], said))
    return ()


def _reclaimed(detail: dict[str, str], said: Instant) -> tuple[Notice, ...]:
    action = detail["instance-action"]
    if action not in ACTIONS:
        return ()
    return (Notice(str(detail["instance-id"])[:LONGEST], said, Instant(said + WARNING.ms), f"spot: {action}"),)


def _scheduled(detail: dict[str, object], said: Instant) -> Iterator[Notice]:
    """Instances that AWS will stop for repairs, at a time that it has set."""
    if detail["service"] != "EC2" or detail["eventTypeCategory"] != "scheduledChange":
        return
    begins = instant(parsedate_to_datetime(str(detail["startTime"])))
    affected = detail["affectedEntities"]
    for one in affected if isinstance(affected, list) else ():
        yield Notice(str(one["entityValue"])[:LONGEST], said, begins, str(detail["eventTypeCode"])[:LONGEST])
