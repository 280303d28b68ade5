"""How many notices wait in a subscription of Pub/Sub, without taking any: its own API does not tell, Cloud Monitoring does."""

from datetime import UTC, datetime

from autoscaler.contracts.provider import Site
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler_gcp.notice_calls import Subscription
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_gcp.series_answers import newest
from autoscaler_gcp.series_queries import pubsub_question

OLD_MS = 600_000
"""The backlog is measured each minute, and there some minutes later."""


class PubSubNoticeReader:
    """Looks at the subscription, and takes nothing."""

    def __init__(self, settings: GcpNotices, site: Site) -> None:
        self._settings = settings
        self._now = site.runtime.now
        self._subscription = Subscription(settings, site)

    def waiting(self, deadline: Duration) -> int:
        """As Cloud Monitoring last counted them, minutes ago; UnavailableError where it has not, for nought would be a guess."""
        rest = self._subscription.within(Duration(deadline.ms // 2))
        rest.get(self._settings.address)
        url = f"{self._settings.monitoring_url.text.rstrip('/')}/v3/projects/{self._settings.project}/timeSeries"
        found = newest(rest.get(url, self._params()).body)
        if isinstance(found, Unknown):
            hint = "it is there; Cloud Monitoring counts what waits in a new subscription after some minutes"
            raise UnavailableError(f"how many wait is not known: {found.detail or found.why}"[:200], hint=hint)
        return found.milli // 1000

    def _params(self) -> dict[str, str]:
        now = self._now()
        return {
            "filter": pubsub_question(f"subscription={self._settings.subscription}").filter,
            "interval.startTime": _time(now - OLD_MS),
            "interval.endTime": _time(now),
            "view": "FULL",
        }


def _time(at: int) -> str:
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")
