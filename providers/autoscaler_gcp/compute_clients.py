"""The SDK's clients of Compute Engine, made when first wanted. The SDK is loaded at opening: it takes seconds, which no deadline has."""

import weakref
from contextlib import suppress
from typing import TYPE_CHECKING, Any, TypeAlias

from autoscaler.config.secrets import Url
from autoscaler.errors import SetupError
from autoscaler_gcp.calls import read
from autoscaler_gcp.pool_settings import GcpPool

if TYPE_CHECKING:
    from google.auth.credentials import Credentials
    from google.cloud import compute_v1

    Groups: TypeAlias = compute_v1.InstanceGroupManagersClient | compute_v1.RegionInstanceGroupManagersClient
    Operations: TypeAlias = compute_v1.ZoneOperationsClient | compute_v1.RegionOperationsClient

READ_ONLY = "https://www.googleapis.com/auth/compute.readonly"
READ_WRITE = "https://www.googleapis.com/auth/compute"
PLAIN = "http://"


class SdkClients:
    """All of one `scope`, closed with whoever holds them. `url`: where Compute Engine is reached."""

    def __init__(self, url: Url, scope: str) -> None:
        self._address = url.text.rstrip("/")
        self._scope = scope
        self._credentials: Credentials | None = None
        self._made: dict[str, Any] = {}
        with suppress(ImportError):  # said when it is first wanted, for it concerns this pool alone
            from google.cloud import compute_v1  # noqa: F401
        weakref.finalize(self, _close, self._made)

    def forget(self) -> None:
        """Sign in anew next time: what we were given is not accepted, and may have been exchanged where it was found."""
        self._credentials = None
        _close(self._made)

    def _of(self, name: str) -> Any:  # noqa: ANN401 - the SDK's clients have nothing in common that they say
        if name not in self._made:
            _require_sdk()
            self._made[name] = read(lambda: self._make(name))
        return self._made[name]

    def _make(self, name: str) -> Any:  # noqa: ANN401 - as `_of`
        from google.api_core.client_options import ClientOptions
        from google.cloud import compute_v1

        self._credentials = self._credentials or _signed_in(self._address, self._scope)
        return getattr(compute_v1, name)(credentials=self._credentials, client_options=ClientOptions(api_endpoint=self._address))


class ComputeClients(SdkClients):
    """Those that a pool needs."""

    def __init__(self, settings: GcpPool, scope: str) -> None:
        super().__init__(settings.url, scope)
        self._settings = settings

    @property
    def groups(self) -> "Groups":
        """Of zonal groups, or of regional ones."""
        found: Groups = self._of("RegionInstanceGroupManagersClient" if self._settings.region else "InstanceGroupManagersClient")
        return found

    @property
    def operations(self) -> "Operations":
        """As `groups`. The SDK's own waiting asks the public address, whatever address we were given."""
        found: Operations = self._of("RegionOperationsClient" if self._settings.region else "ZoneOperationsClient")
        return found

    @property
    def instances(self) -> "compute_v1.InstancesClient":
        """Of the machines themselves."""
        found: compute_v1.InstancesClient = self._of("InstancesClient")
        return found

    @property
    def templates(self) -> "compute_v1.InstanceTemplatesClient":
        """Of instance templates that are global."""
        found: compute_v1.InstanceTemplatesClient = self._of("InstanceTemplatesClient")
        return found

    @property
    def regional_templates(self) -> "compute_v1.RegionInstanceTemplatesClient":
        """Of instance templates that belong to a region."""
        found: compute_v1.RegionInstanceTemplatesClient = self._of("RegionInstanceTemplatesClient")
        return found

    @property
    def kinds(self) -> "compute_v1.MachineTypesClient":
        """Of machine types."""
        found: compute_v1.MachineTypesClient = self._of("MachineTypesClient")
        return found


def _require_sdk() -> None:
    try:
        from google.cloud import compute_v1  # noqa: F401
    except ImportError as error:
        raise SetupError("google-cloud-compute is not installed", hint="pip install 'poolkeeper[gcp]'") from error


def _signed_in(address: str, scope: str) -> "Credentials":
    """Nothing that proves who we are goes over plain http: what listens there is a stand-in."""
    from google import auth
    from google.auth.credentials import AnonymousCredentials

    return AnonymousCredentials() if address.startswith(PLAIN) else auth.default(scopes=[scope])[0]


def _close(made: dict[str, Any]) -> None:
    for client in made.values():
        client.transport.close()
    made.clear()
