"""Azure's compute client, opened at the first call and signed in as our other clients: one attempt, no longer than what is left."""

from collections.abc import MutableMapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure.compute_faults import LATER
from autoscaler_azure.settings import AzurePool, AzureSettings
from autoscaler_azure.sign_in import Headers, SignIn

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineRequest
    from azure.core.pipeline.policies import SansIOHTTPPolicy
    from azure.mgmt.compute import ComputeManagementClient

CONNECT_S = 3
SHORTEST = Duration(200)
"""Less time than this is none: nothing is sent any more."""


@dataclass(frozen=True, slots=True)
class Timed:
    """Until when, by the runtime's steady clock, calls must have ended, and how long each may take."""

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


@dataclass(frozen=True, slots=True)
class Session(Timed):
    """With the client."""

    client: "ComputeManagementClient"


class Signed:
    """Who we are at the Resource Manager, for one of its clients."""

    def __init__(self, settings: AzureSettings, site: Site) -> None:
        self._url, self._signs = settings.url.text.rstrip("/"), settings.signs
        self._runtime = site.runtime
        self._sign_in = SignIn(site, f"{self._url}/.default")
        self._headers: Headers = {}

    def forget(self) -> None:
        """Sign in anew next time."""
        self._sign_in.forget()

    def sign(self, left: Duration) -> None:
        """Know who we are, within that."""
        if self._signs:
            self._headers = self._sign_in.headers(left)

    def send_home(self, url: str, headers: MutableMapping[str, str]) -> str:
        """Sign a request, and the address to send it to: our own endpoint, for answers name the next one as they like."""
        headers.update(self._headers)
        home = urlsplit(self._url)
        return urlunsplit(urlsplit(url)._replace(scheme=home.scheme, netloc=home.netloc))

    @property
    def client_options(self) -> dict[str, Any]:
        """For the SDK's clients, whose own credential is never asked: the policy beside it signs."""
        return {"credential": self._sign_in, "base_url": self._url, "policies": _policies(self)}


class Compute(Signed):
    """The Resource Manager's compute half, for one pool."""

    def __init__(self, settings: AzurePool, site: Site) -> None:
        super().__init__(settings, site)
        self._settings = settings
        self._client: ComputeManagementClient | None = None

    def within(self, left: Duration) -> Session:
        """Calls that end within `left`. SetupError where the client is not installed, or we are nobody."""
        ends = self._runtime.monotonic() + left.ms
        client = self._client = self._client or self._opened()
        self.sign(left)
        return Session(self._runtime, ends, self._settings.timeout, client)

    def _opened(self) -> "ComputeManagementClient":
        try:
            from azure.mgmt.compute import ComputeManagementClient
        except ImportError as error:
            raise SetupError("azure-mgmt-compute is not installed", hint="pip install 'poolkeeper[azure]'") from error
        return ComputeManagementClient(subscription_id=self._settings.subscription, **self.client_options)


def _policies(signed: Signed) -> "list[SansIOHTTPPolicy[Any, Any]]":
    """What becomes of each request and reply.

    Not the client's own list: that one retries, follows redirects, writes a log, and where it finds Microsoft.Compute not registered
    for the subscription it registers it, even in the midst of reading.
    """
    from azure.core.pipeline import policies

    class Signing(policies.SansIOHTTPPolicy[Any, Any]):
        """Not the client's own, which takes no token that was fetched within a deadline."""

        def on_request(self, request: "PipelineRequest[Any]") -> None:
            sent = request.http_request
            sent.url = signed.send_home(sent.url, sent.headers)

    named = policies.UserAgentPolicy(sdk_moniker="poolkeeper")
    return [
        policies.RequestIdPolicy(),
        named,
        policies.ProxyPolicy(),
        policies.ContentDecodePolicy(),
        Signing(),
        policies.CustomHookPolicy(),
    ]
