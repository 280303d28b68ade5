"""The calls about one application gateway."""

from typing import TYPE_CHECKING, Any

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_azure.network import LEAST, NetworkClient, NetworkSession, Reply
from autoscaler_azure.traffic_settings import GatewayTraffic

if TYPE_CHECKING:
    from azure.mgmt.network.models import ApplicationGateway, ApplicationGatewayBackendHealth

PAUSE = Duration(1000)
"""Between two looks whether the report is there, which takes many seconds."""


class Gateways(NetworkClient):
    """For one application gateway."""

    thing, lists = "application gateway", "az network application-gateway list"

    def __init__(self, settings: GatewayTraffic, site: Site) -> None:
        super().__init__(settings, site)
        self._named = settings.resource_group, settings.gateway
        self._report: tuple[str, Reply] | None = None

    def gateway(self, session: NetworkSession) -> "ApplicationGateway":
        """All of it. NotFoundError without one."""
        found: ApplicationGateway = self.read(lambda: session.client.application_gateways.get(*self._named, **session.limits()))
        return found

    def health(self, session: NetworkSession, version: str) -> "ApplicationGatewayBackendHealth":
        """What its probes find: a report that Azure makes when it is asked for. UnavailableError while it is being made.

        It may take longer than a look: it is kept then, and waited for at the next one, unless the gateway has another `version` by then.
        An address that was given away and given anew would be taken for the one before.
        """
        from azure.mgmt.network.models import ApplicationGatewayBackendHealth

        kept = self._report
        told = kept[1] if kept and kept[0] == version else self._begun(session)
        self._report = version, told
        try:
            found = self.follow(session, told, PAUSE)
        except UnavailableError:
            raise
        except AutoscalerError:
            self._report = None
            raise
        self._report = None
        return ApplicationGatewayBackendHealth(found)

    def put(self, session: NetworkSession, gateway: "ApplicationGateway") -> None:
        """The whole gateway as it is to be, if it is still as it was read. Azure goes on for a minute or two; nobody waits for that."""
        asked: dict[str, Any] = {"headers": {"If-Match": gateway.etag or "*"}, "polling": False, **session.limits(LEAST)}
        self.write(lambda: session.client.application_gateways.begin_create_or_update(*self._named, gateway, **asked))

    def _begun(self, session: NetworkSession) -> Reply:
        told = Reply()
        asked: dict[str, Any] = {"polling": False, "raw_response_hook": told.keep, **session.limits()}
        self.read(lambda: session.client.application_gateways.begin_backend_health(*self._named, **asked))
        return told
