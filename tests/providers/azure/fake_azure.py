"""The Resource Manager's metrics and Service Bus queues on the loopback, as their published schemas say, and faults on demand.

https://learn.microsoft.com/rest/api/monitor/metrics/list (2024-02-01),
https://learn.microsoft.com/rest/api/servicebus/controlplane-stable/queues/get (2021-11-01)
"""

import re
from datetime import UTC, datetime

from tests.providers.loopback import Asked, Loopback, Reply, answer, seconds

SUBSCRIPTION = "1f3fa6d2-851c-4a91-9087-1a050f3a9c38"
GROUP = f"/subscriptions/{SUBSCRIPTION}/resourceGroups/shop"
METRICS = "/providers/Microsoft.Insights/metrics"
TIME = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ"
PARAMETERS = {
    "api-version": re.compile("2024-02-01"),
    "metricnames": re.compile(".+"),
    "aggregation": re.compile("(average|total|count|minimum|maximum)"),
    "interval": re.compile("PT(1M|5M|15M|30M|1H|6H|12H)|P1D"),
    "timespan": re.compile(f"{TIME}/{TIME}"),
    "metricnamespace": re.compile(".+"),
    "$filter": re.compile(r".+ eq '.+'"),
}
COUNTS = {
    "activeMessageCount": 12,
    "deadLetterMessageCount": 3,
    "scheduledMessageCount": 4,
    "transferMessageCount": 0,
    "transferDeadLetterMessageCount": 0,
}


def value(age: float, number: object, aggregation: str = "average") -> dict[str, object]:
    """What one minute holds, by the age of its beginning; None where Azure has nothing yet."""
    at = datetime.fromtimestamp(int(seconds() - age), UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"timeStamp": at, **({} if number is None else {aggregation: number})}


def series(*values: dict[str, object], **dimensions: str) -> dict[str, object]:
    """One time series."""
    names = [{"name": {"value": name, "localizedValue": name}, "value": one} for name, one in dimensions.items()]
    return {"metadatavalues": names, "data": list(values)}


def metric(*found: dict[str, object], name: str = "Requests", **beside: object) -> dict[str, object]:
    """One metric."""
    return {
        "id": f"{GROUP}/providers/Microsoft.Web/sites/web{METRICS}/{name}",
        "type": "Microsoft.Insights/metrics",
        "name": {"value": name, "localizedValue": name},
        "displayDescription": "What it counts.",
        "unit": "Count",
        "timeseries": list(found),
        "errorCode": "Success",
        **beside,
    }


def metrics(*found: dict[str, object], **beside: object) -> Reply:
    """An answer with these metrics."""
    whole = {"cost": 59, "timespan": "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z", "interval": "PT1M", "value": list(found)}
    return answer({**whole, "namespace": "Microsoft.Web/sites", "resourceregion": "westeurope", **beside})


def queue(**counts: object) -> Reply:
    """A queue's description."""
    properties = {"countDetails": {**COUNTS, **counts}, "messageCount": 19, "status": "Active", "sizeInBytes": 0}
    return answer({"id": f"{GROUP}/…", "name": "mail", "type": "Microsoft.ServiceBus/Namespaces/Queues", "properties": properties})


def error(status: int, code: str, message: str = "in Azure's own words") -> Reply:
    """Azure says no."""
    return answer({"error": {"code": code, "message": message}}, status)


class FakeAzure(Loopback):
    """`replies`: by the end of the path of a resource in the group, the answer. `token`: what signing in brings."""

    def __init__(self) -> None:
        super().__init__(self._respond_to)
        self.replies: dict[str, Reply] = {}
        self.token = self.token_named("made-up-token")

    @staticmethod
    def token_named(word: str) -> Reply:
        """As the endpoint of an App Service answers."""
        return answer({"access_token": word, "expires_on": str(int(seconds()) + 3600), "resource": "x", "token_type": "Bearer"})

    @property
    def reads(self) -> list[Asked]:
        """The questions for resources."""
        return [one for one in self.asked if one.path.startswith("/subscriptions/")]

    def _respond_to(self, asked: Asked) -> Reply:
        if asked.path == "/msi/token":
            return self.token if asked.headers.get("x-identity-header") == "made-up" else error(401, "Unauthorized")
        if asked.headers.get("authorization") != "Bearer made-up-token":
            return error(401, "InvalidAuthenticationToken")
        wrong = _wrong(asked)
        if wrong:
            return error(400, "BadRequest", wrong)
        resource = asked.path.removesuffix(METRICS)
        return next((reply for end, reply in self.replies.items() if resource.endswith(end)), error(404, "ResourceNotFound"))


def _wrong(asked: Asked) -> str:
    """What the Resource Manager would refuse."""
    if not asked.path.startswith(f"{GROUP}/providers/"):
        return f"no path: {asked.path}"
    if not asked.path.endswith(METRICS):
        return "" if asked.params == {"api-version": "2021-11-01"} else f"parameters: {asked.params}"
    odd = [name for name, one in asked.params.items() if name not in PARAMETERS or not PARAMETERS[name].fullmatch(one)]
    begin, _, end = asked.params.get("timespan", "").partition("/")
    return f"not understood: {odd or 'timespan'}" if odd or begin >= end else ""
