"""Signs in to Azure as its own tools do, by azure-identity."""

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration

if TYPE_CHECKING:
    from azure.identity import DefaultAzureCredential

HINT = "run az login, give the machine a managed identity, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"
CONNECT_S, READ_S = 3, 5
Headers = Mapping[str, str]


class SignIn:
    """Who this process is to Azure; found at the first question. azure-identity keeps the token and renews it."""

    def __init__(self, site: Site, scope: str) -> None:
        self._site = site
        self._scope = scope
        self._credential: DefaultAzureCredential | None = None

    def headers(self, within: Duration) -> Headers:
        """What every call carries. SetupError when we are nobody, UnavailableError when nobody says within `within` who we are."""
        (found,) = self._site.runtime.gather([Call(self._site.name, self._signed)], within)
        if isinstance(found, AutoscalerError):
            raise found
        signed: Headers = found
        return signed

    def forget(self) -> None:
        """Sign in anew next time: what we were given is not accepted, however long it should be."""
        forgotten, self._credential = self._credential, None
        if forgotten is not None:
            forgotten.close()

    def _signed(self) -> Headers:
        # It tells of each failure in pages, at each tick: we tell it in one line.
        logging.getLogger("azure.identity").setLevel(logging.CRITICAL)
        try:
            from azure.core import exceptions

            credential = self._credential = self._credential or _found()
        except ImportError as error:
            raise SetupError("azure-identity is not installed", hint="pip install 'poolkeeper[azure]'") from error
        try:
            token = credential.get_token(self._scope).token
        except exceptions.ClientAuthenticationError as error:
            self.forget()
            # Its own words go on for pages, and may hold what was sent: its kind is enough.
            raise SetupError(f"Azure does not know us ({type(error).__name__})", hint=HINT) from error
        except exceptions.AzureError as error:
            raise UnavailableError(f"nobody signs us in to Azure ({type(error).__name__})", hint="it is tried again later") from error
        return {"Authorization": f"Bearer {token}"}


def _found() -> "DefaultAzureCredential":
    """Of a service: not what editors and shells of a developer keep. One attempt: the engine retries."""
    from azure.identity import DefaultAzureCredential

    return DefaultAzureCredential(
        exclude_shared_token_cache_credential=True,
        exclude_visual_studio_code_credential=True,
        exclude_powershell_credential=True,
        exclude_developer_cli_credential=True,
        exclude_broker_credential=True,
        retry_total=0,
        connection_timeout=CONNECT_S,
        read_timeout=READ_S,
    )
