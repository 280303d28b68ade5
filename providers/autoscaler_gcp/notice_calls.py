"""Calls to a subscription of Pub/Sub, by REST: its client library has no HTTP transport, and brings gRPC."""

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration, Memory
from autoscaler_clouds.rest import Rest
from autoscaler_gcp.notice_settings import GcpNotices
from autoscaler_gcp.sign_in import SCOPES, SignIn
from autoscaler_sources.bounded_http import BoundedHttp, Bounds

LARGEST = Memory(4 * 2**20)
PUBSUB_SCOPE = "https://www.googleapis.com/auth/pubsub"
"""The only one that Pub/Sub has: what we may do there is what our role says."""


class Subscription:
    """One, signed in once."""

    def __init__(self, settings: GcpNotices, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=LARGEST, proxied=True))
        self._sign_in = SignIn(site, self._http, (*SCOPES, PUBSUB_SCOPE))

    def within(self, span: Duration) -> Rest:
        """Each call of it ends in that time, or earlier in the settings' own."""
        return Rest(self._runtime, min(span, self._settings.timeout), self._sign_in.headers, self._http)

    def forget(self) -> None:
        """Sign in anew next time."""
        self._sign_in.forget()
