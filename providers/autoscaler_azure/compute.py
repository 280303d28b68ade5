"""Azure's compute client, opened at the first call and signed in as our other clients: one attempt, no longer than what is left."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit, urlunsplit

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure.compute_faults import LATER
from autoscaler_azure.settings import AzurePool
from autoscaler_azure.sign_in import Headers, SignIn

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential
    from azure.core.pipeline import PipelineRequest
    from azure.core.pipeline.policies import SansIOHTTPPolicy
    from azure.mgmt.compute import ComputeManagementClient

CONNECT_S = 3
SHORTEST = Duration(200)
"""Less time than this is none: nothing is sent any more."""


@dataclass(frozen=True, slots=True)
class Session:
    """The client, and until when, by the runtime's steady clock, its calls must have ended."""

    client: "ComputeManagementClient"
    runtime: Runtime
    ends: int
    longest: Duration

    @property
    def left(self) -> Duration:
        """Until then."""
        return Duration(max(0, self.ends - self.runtime.monotonic()))

    def limits(self, least: Duration = SHORTEST) -> dict[str, Any]:
        """For the next call. UnavailableError where less than `least` is left: nothing is sent."""
        if self.left.ms < least.ms:
            raise UnavailableError("Azure takes longer than there is time for", hint=LATER)
        seconds = min(self.left.ms, self.longest.ms) / 1000
        return {"connection_timeout": min(CONNECT_S, seconds), "read_timeout": seconds}


class Compute:
    """The Resource Manager's compute half, for one pool."""

    def __init__(self, settings: AzurePool, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._sign_in = SignIn(site, f"{settings.url.text.rstrip('/')}/.default")
        self._client: ComputeManagementClient | None = None
        self._headers: Headers = {}

    def within(self, left: Duration) -> Session:
        """Calls that end within `left`. SetupError where the client is not installed, or we are nobody."""
        ends = self._runtime.monotonic() + left.ms
        client = self._client = self._client or self._opened()
        if self._settings.signs:
            self._headers = self._sign_in.headers(left)
        return Session(client, self._runtime, ends, self._settings.timeout)

    def forget(self) -> None:
        """Sign in anew next time."""
        self._sign_in.forget()

    def _opened(self) -> "ComputeManagementClient":
        try:
            from azure.mgmt.compute import ComputeManagementClient
        except ImportError as error:
            raise SetupError("azure-mgmt-compute is not installed", hint="pip install 'poolkeeper[azure]'") from error
        return ComputeManagementClient(
            cast("TokenCredential", self._sign_in),  # never asked: the policy beside it signs
            self._settings.subscription,
            base_url=self._settings.url.text.rstrip("/"),
            policies=_policies(self),
        )

    def send_home(self, url: str, headers: MutableMapping[str, str]) -> str:
        """Sign a request, and the address to send it to: our own endpoint, for answers name the next one as they like."""
        headers.update(self._headers)
        home = urlsplit(self._settings.url.text)
        return urlunsplit(urlsplit(url)._replace(scheme=home.scheme, netloc=home.netloc))


def _policies(compute: Compute) -> "list[SansIOHTTPPolicy[Any, Any]]":
    """What becomes of each request and reply.

    Not the client's own list: that one retries, follows redirects, writes a log, and where it finds Microsoft.Compute not registered
    for the subscription it registers it, even in the midst of reading.
    """
    from azure.core.pipeline import policies

    class Signing(policies.SansIOHTTPPolicy[Any, Any]):
        """Not the client's own, which takes no token that was fetched within a deadline."""

        def on_request(self, request: "PipelineRequest[Any]") -> None:
            sent = request.http_request
            sent.url = compute.send_home(sent.url, sent.headers)

    named = policies.UserAgentPolicy(sdk_moniker="poolkeeper")
    return [
        policies.RequestIdPolicy(),
        named,
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        Signing(),
        policies.CustomHookPolicy(),
    ]
