"""Azure's network client: a load balancer, its pools, and what its probes find."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.errors import ConflictError, NotFoundError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure import compute_faults
from autoscaler_azure.compute import Signed, Timed
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
BUSY = "it is tried again: somebody changes the load balancer, and Azure takes one change at a time"
MISSING = "name it as az network lb list shows it, in that subscription and resource group"


@dataclass(frozen=True, slots=True)
class NetworkSession(Timed):
    """With the client."""

    client: "NetworkManagementClient"


class Network(Signed):
    """The Resource Manager's network half, for one load balancer."""

    def __init__(self, settings: AzureTraffic, site: Site) -> None:
        super().__init__(settings, site)
        self._settings = settings
        self._client: NetworkManagementClient | None = None

    def within(self, left: Duration) -> NetworkSession:
        """Calls that end within `left`. SetupError where the client is not installed, or we are nobody."""
        ends = self._runtime.monotonic() + left.ms
        client = self._client = self._client or self._opened()
        self.sign(left)
        return NetworkSession(self._runtime, ends, self._settings.timeout, client)

    def balancer(self, session: NetworkSession) -> "LoadBalancer":
        """With its rules, its pools and all addresses in them. NotFoundError without one."""
        group, name = self._settings.resource_group, self._settings.load_balancer
        found: LoadBalancer = read(lambda: session.client.load_balancers.get(group, name, **session.limits()))
        return found

    def health(self, session: NetworkSession, rule: str) -> "LoadBalancerHealthPerRule":
        """What the probe of a rule finds: a report that Azure makes when it is asked for, and that we wait for."""
        from azure.mgmt.network.models import LoadBalancerHealthPerRule

        told = _Reply()
        asked: dict[str, Any] = {"polling": False, "raw_response_hook": told.keep, **session.limits()}
        group, name = self._settings.resource_group, self._settings.load_balancer
        rules = session.client.load_balancer_load_balancing_rules
        read(lambda: rules.begin_health(group, name, rule, **asked))
        while told.status == ACCEPTED:
            self._runtime.sleep(PAUSE)
            self._follow(session, told)
        return LoadBalancerHealthPerRule(told.body)

    def put(self, session: NetworkSession, pool: "BackendAddressPool") -> None:
        """The pool as it is to be, if it is still as it was read."""
        group, name = self._settings.resource_group, self._settings.load_balancer
        asked: dict[str, Any] = {"headers": {"If-Match": pool.etag or "*"}, "polling": False, **session.limits(LEAST)}
        pools = session.client.load_balancer_backend_address_pools
        _ours(lambda: compute_faults.write(lambda: pools.begin_create_or_update(group, name, pool.name or "", pool, **asked)))

    def _follow(self, session: NetworkSession, told: "_Reply") -> None:
        from azure.core.rest import HttpRequest

        def ask() -> None:
            found = session.client.send_request(HttpRequest("GET", told.location), **session.limits())
            found.raise_for_status()
            told.take(found.status_code, found.headers, found.json() if found.status_code == DONE else {})

        read(ask)

    def _opened(self) -> "NetworkManagementClient":
        try:
            from azure.mgmt.network import NetworkManagementClient
        except ImportError as error:
            raise SetupError("azure-mgmt-network is not installed", hint="pip install 'poolkeeper[azure]'") from error
        return NetworkManagementClient(subscription_id=self._settings.subscription, **self.client_options)


class _Reply:
    """The last one to what takes long."""

    def __init__(self) -> None:
        self.status, self.location = 0, ""
        self.body: Mapping[str, Any] = {}

    def keep(self, reply: "PipelineResponse[Any, Any]") -> None:
        found = reply.http_response
        if found.status_code == DONE:
            found.read()  # the client would only stream it
        self.take(found.status_code, found.headers, found.json() if found.status_code == DONE else {})

    def take(self, status: int, headers: Mapping[str, str], body: Mapping[str, Any]) -> None:
        self.status, self.location, self.body = status, headers.get("Location", self.location), body


def read(call: Callable[[], T]) -> T:
    """The answer, or our error. Whatever it is, nothing changed."""
    return _ours(lambda: compute_faults.read(call))


def _ours(call: Callable[[], T]) -> T:
    """With hints that fit a load balancer. Whoever finds it changed or busy reads it anew by himself."""
    try:
        return call()
    except ConflictError as error:
        raise UnavailableError(str(error), hint=BUSY) from error.__cause__
    except NotFoundError as error:
        raise NotFoundError(str(error), hint=MISSING) from error.__cause__
    except SetupError as error:
        raise SetupError(
            str(error), hint=error.hint.replace("the scale set's settings", "the load balancer's settings")
        ) from error.__cause__
