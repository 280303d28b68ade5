"""Azure's network client: a load balancer, its pools, and what its probes find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, NotFoundError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure import compute_faults
from autoscaler_azure.compute import Signed, Timed
from autoscaler_azure.settings import AzureSettings
from autoscaler_azure.traffic_settings import AzureTraffic

if TYPE_CHECKING:
    from azure.core.pipeline import PipelineResponse
    from azure.mgmt.network import NetworkManagementClient
    from azure.mgmt.network.models import BackendAddressPool, LoadBalancer, LoadBalancerHealthPerRule

T = TypeVar("T")
LEAST = Duration(2000)
"""A change is sent only if so much is left for its reply."""

PAUSE = Duration(250)
"""Between two looks whether a health report is there."""

DONE, ACCEPTED = 200, 202


@dataclass(frozen=True, slots=True)
class NetworkSession(Timed):
    """With the client."""

    client: "NetworkManagementClient"


class NetworkClient(Signed):
    """The Resource Manager's network half. `thing`: what it is about; `lists`: the command that lists those."""

    thing: ClassVar[str]
    lists: ClassVar[str]

    def __init__(self, settings: AzureSettings, site: Site) -> None:
        super().__init__(settings, site)
        self._subscription, self._timeout = settings.subscription, settings.timeout
        self._client: NetworkManagementClient | None = None

    def within(self, left: Duration) -> NetworkSession:
        """Calls that end within `left`. SetupError where the client is not installed, or we are nobody."""
        ends = self._runtime.monotonic() + left.ms
        client = self._client = self._client or self._opened()
        self.sign(left)
        return NetworkSession(self._runtime, ends, self._timeout, client)

    def read(self, call: Callable[[], T]) -> T:
        """The answer, or our error. Whatever it is, nothing changed."""
        return self._ours(lambda: compute_faults.read(call))

    def write(self, call: Callable[[], T]) -> T:
        """The answer, or our error: OutcomeUnknownError unless it is sure that nothing was done."""
        return self._ours(lambda: compute_faults.write(call))

    def follow(self, session: NetworkSession, told: "Reply", pause: Duration) -> Mapping[str, Any]:
        """The body of what takes long, once it is there. UnavailableError where that is too late: it can be followed again."""
        while told.status == ACCEPTED:
            self._runtime.sleep(pause)
            self._ask(session, told)
        return told.body

    def _ask(self, session: NetworkSession, told: "Reply") -> None:
        from azure.core.rest import HttpRequest

        def ask() -> None:
            found = session.client.send_request(HttpRequest("GET", told.location), **session.limits())
            found.raise_for_status()
            told.take(found.status_code, found.headers, found.json() if found.status_code == DONE else {})

        self.read(ask)

    def _opened(self) -> "NetworkManagementClient":
        try:
            from azure.mgmt.network import NetworkManagementClient
        except ImportError as error:
            raise SetupError("azure-mgmt-network is not installed", hint="pip install 'poolkeeper[azure]'") from error
        return NetworkManagementClient(subscription_id=self._subscription, **self.client_options)

    def _ours(self, call: Callable[[], T]) -> T:
        """With hints that fit. Whoever finds it changed or busy reads it anew by himself."""
        try:
            return call()
        except ConflictError as error:
            hint = f"it is tried again: somebody changes the {self.thing}, and Azure takes one change at a time"
            raise UnavailableError(str(error), hint=hint) from error.__cause__
        except NotFoundError as error:
            hint = f"name it as {self.lists} shows it, in that subscription and resource group"
            raise NotFoundError(str(error), hint=hint) from error.__cause__
        except SetupError as error:
            hint = error.hint.replace("the scale set's settings", f"the {self.thing}'s settings")
            raise SetupError(str(error), hint=hint) from error.__cause__


class Network(NetworkClient):
    """For one load balancer."""

    thing, lists = "load balancer", "az network lb list"

    def __init__(self, settings: AzureTraffic, site: Site) -> None:
        super().__init__(settings, site)
        self._settings = settings

    def balancer(self, session: NetworkSession) -> "LoadBalancer":
        """With its rules, its pools and all addresses in them. NotFoundError without one."""
        group, name = self._settings.resource_group, self._settings.load_balancer
        found: LoadBalancer = self.read(lambda: session.client.load_balancers.get(group, name, **session.limits()))
        return found

    def health(self, session: NetworkSession, rule: str) -> "LoadBalancerHealthPerRule":
        """What the probe of a rule finds: a report that Azure makes when it is asked for, and that we wait for."""
        from azure.mgmt.network.models import LoadBalancerHealthPerRule

        told = Reply()
        asked: dict[str, Any] = {"polling": False, "raw_response_hook": told.keep, **session.limits()}
        group, name = self._settings.resource_group, self._settings.load_balancer
        rules = session.client.load_balancer_load_balancing_rules
        self.read(lambda: rules.begin_health(group, name, rule, **asked))
        return LoadBalancerHealthPerRule(self.follow(session, told, PAUSE))

    def put(self, session: NetworkSession, pool: "BackendAddressPool") -> None:
        """The pool as it is to be, if it is still as it was read."""
        group, name = self._settings.resource_group, self._settings.load_balancer
        asked: dict[str, Any] = {"headers": {"If-Match": pool.etag or "*"}, "polling": False, **session.limits(LEAST)}
        pools = session.client.load_balancer_backend_address_pools
        self.write(lambda: pools.begin_create_or_update(group, name, pool.name or "", pool, **asked))


class Reply:
    """The last one to what takes long."""

    def __init__(self) -> None:
        self.status, self.location = 0, ""
        self.body: Mapping[str, Any] = {}

    def keep(self, reply: "PipelineResponse[Any, Any]") -> None:
        """The first one, as the client hands it over."""
        found = reply.http_response
        if found.status_code == DONE:
            found.read()  # the client would only stream it
        self.take(found.status_code, found.headers, found.json() if found.status_code == DONE else {})

    def take(self, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        """A further one."""
        self.status, self.location, self.body = status, headers.get("Location", self.location), body
