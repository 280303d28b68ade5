"""Google's token endpoint and Cloud Monitoring's timeSeries.list on the loopback, as their published schemas say, and faults on demand.

https://cloud.google.com/monitoring/api/ref_v3/rest/v3/projects.timeSeries/list (discovery document, revision 20260129)
"""

import re
from datetime import UTC, datetime

from tests.providers.loopback import Asked, Loopback, Reply, answer, seconds

TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?Z")
PARAMETERS = {
    "filter": re.compile(r".*metric\.type ?= ?\".+"),
    "interval.startTime": TIME,
    "interval.endTime": TIME,
    "view": re.compile("FULL|HEADERS"),
    "pageSize": re.compile("[1-9][0-9]*"),
    "pageToken": re.compile(".+"),
    "aggregation.alignmentPeriod": re.compile(r"([6-9][0-9]|[1-9][0-9]{2,})s"),
    "aggregation.perSeriesAligner": re.compile(
        "ALIGN_(NONE|DELTA|RATE|INTERPOLATE|NEXT_OLDER|MIN|MAX|MEAN|COUNT|SUM|STDDEV|PERCENTILE_(99|95|50|05))"
    ),
    "aggregation.crossSeriesReducer": re.compile("REDUCE_(NONE|MEAN|MIN|MAX|SUM|STDDEV|COUNT|PERCENTILE_(99|95|50|05))"),
}
REQUIRED = ("filter", "interval.endTime", "view")


def time(age: float) -> str:
    """The moment `age` seconds ago as Google writes it."""
    return datetime.fromtimestamp(seconds() - age, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def point(age: float, value: object) -> dict[str, object]:
    """One point of a gauge: a float as a double, an int as Google writes 64 bits, a dict as it stands."""
    typed = {"int64Value": str(value)} if isinstance(value, int) else {"doubleValue": value} if isinstance(value, float) else value
    return {"interval": {"startTime": time(age), "endTime": time(age)}, "value": typed}


def series(*points: dict[str, object], **labels: str) -> dict[str, object]:
    """One time series."""
    return {
        "metric": {"type": "custom.googleapis.com/rps", "labels": labels},
        "resource": {"type": "global", "labels": {"project_id": "shop-prod"}},
        "metricKind": "GAUGE",
        "valueType": "DOUBLE",
        "points": list(points),
    }


def listed(*found: dict[str, object], **beside: object) -> Reply:
    """An answer with these series; protobuf leaves out what is empty."""
    return answer({**({"timeSeries": list(found)} if found else {}), "unit": "1", **beside})


def error(code: int, status: str, message: str = "in Google's own words") -> Reply:
    """Google says no."""
    return answer({"error": {"code": code, "message": message, "status": status}}, code)


class FakeGoogle(Loopback):
    """`series`: by a part of the filter, the answer. `token`: what signing in brings."""

    def __init__(self) -> None:
        super().__init__(self._respond_to)
        self.series: dict[str, Reply] = {}
        self.token = answer({"access_token": "made-up-token", "expires_in": 3600, "token_type": "Bearer"})

    @property
    def lists(self) -> list[Asked]:
        """The questions for time series."""
        return [one for one in self.asked if one.path.endswith("/timeSeries")]

    def _respond_to(self, asked: Asked) -> Reply:
        if (asked.method, asked.path) == ("POST", "/token"):
            return self.token
        if (asked.method, asked.path) != ("GET", "/v3/projects/shop-prod/timeSeries"):
            return error(404, "NOT_FOUND")
        if asked.headers.get("authorization") != "Bearer made-up-token":
            return error(401, "UNAUTHENTICATED")
        wrong = _wrong(asked)
        if wrong:
            return error(400, "INVALID_ARGUMENT", wrong)
        return next((reply for part, reply in self.series.items() if part in asked.params["filter"]), listed())


def _wrong(asked: Asked) -> str:
    """What the API would refuse."""
    missing = [name for name in REQUIRED if name not in asked.params]
    odd = [name for name, value in asked.params.items() if name not in PARAMETERS or not PARAMETERS[name].fullmatch(value)]
    if not missing and not odd and asked.params.get("interval.startTime", "") > asked.params["interval.endTime"]:
        odd = ["interval.startTime"]
    if ("aggregation.perSeriesAligner" in asked.params) != ("aggregation.alignmentPeriod" in asked.params):
        odd.append("aggregation")
    return f"missing: {missing}, not understood: {odd}" if missing or odd else ""
