"""What a policy file says of a subscription with notices: `notices: {spot: {pubsub: {project: shop-prod, subscription: shop-notices}}}`."""

from dataclasses import dataclass

from autoscaler.config.secrets import Url
from autoscaler.errors import PolicyError
from autoscaler.model.quantities import Duration
from autoscaler_gcp.series_queries import SUBSCRIPTION
from autoscaler_gcp.settings import MONITORING, PROJECT

PUBSUB = Url("https://pubsub.googleapis.com")


@dataclass(frozen=True, slots=True, kw_only=True)
class GcpNotices:
    """A subscription to the topic to which machines say that Google takes them.

    `url`: where Pub/Sub is reached; `monitoring_url`: Cloud Monitoring, which alone tells how many wait. `timeout`: of one call.
    """

    project: str
    subscription: str
    url: Url = PUBSUB
    monitoring_url: Url = MONITORING
    timeout: Duration = Duration(4000)

    def __post_init__(self) -> None:
        if not PROJECT.fullmatch(self.project):
            raise PolicyError(f"{self.project[:40]!r} is no project", hint="write its id, as shop-prod, or its number")
        if not SUBSCRIPTION.fullmatch(self.subscription):
            hint = "write it without its project: letters, digits and -._~+%"
            raise PolicyError(f"{self.subscription[:40]!r} is no subscription's id", hint=hint)
        for url, default in ((self.url, PUBSUB), (self.monitoring_url, MONITORING)):
            if not url.text.startswith(("http://", "https://")) or "?" in url.text or "#" in url.text:
                raise PolicyError("Google is reached by http or https", hint=f"write {default}, or leave it out")
        if not self.timeout.ms:
            raise PolicyError("a call without time has no answer", hint="write `timeout: 4s`, or leave it out")

    @property
    def address(self) -> str:
        """Of the subscription, without the method."""
        return f"{self.url.text.rstrip('/')}/v1/projects/{self.project}/subscriptions/{self.subscription}"
