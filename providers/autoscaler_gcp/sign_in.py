"""Signs in to Google as its own tools do: application default credentials, by google-auth over our own HTTP client."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import AutoscalerError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_sources.bounded_http import BoundedHttp

if TYPE_CHECKING:
    from google.auth.credentials import Credentials

SCOPES = ("https://www.googleapis.com/auth/monitoring.read",)
HINT = "run gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"
Headers = Mapping[str, str]


class SignIn:
    """Who this process is to Google; found at the first question, renewed when it ends."""

    def __init__(self, site: Site, http: BoundedHttp, scopes: tuple[str, ...] = SCOPES) -> None:
        self._site = site
        self._http = http
        self._scopes = scopes
        self._credentials: Credentials | None = None

    def headers(self, within: Duration) -> Headers:
        """What every call carries. SetupError when we are nobody, UnavailableError when nobody says within `within` who we are."""
        self._http.open()  # before another thread would
        (found,) = self._site.runtime.gather([Call(self._site.name, lambda: self._signed(within))], within)
        if isinstance(found, AutoscalerError):
            raise found
        signed: Headers = found
        return signed

    @property
    def who(self) -> str:
        """The service account, once we have signed in as one; nothing of a person's own account is told."""
        return str(getattr(self._credentials, "service_account_email", "") or "")

    def forget(self) -> None:
        """Sign in anew next time: what we were given is not accepted, however long it should be."""
        self._credentials = None

    def _signed(self, within: Duration) -> Headers:
        try:
            from google.auth import exceptions
        except ImportError as error:
            raise SetupError("google-auth is not installed", hint="pip install 'poolkeeper[gcp]'") from error
        try:
            return self._ask(within)
        except exceptions.GoogleAuthError as error:
            # Its own words may hold what was sent: its kind is enough.
            kind = type(error).__name__
            if isinstance(error, exceptions.TransportError) or error.retryable:
                raise UnavailableError(f"nobody signs us in to Google ({kind})", hint="it is tried again later") from error
            raise SetupError(f"Google does not know us ({kind})", hint=HINT) from error

    def _ask(self, within: Duration) -> Headers:
        from google import auth

        from autoscaler_gcp.google_transport import BoundedTransport

        transport, headers = BoundedTransport(self._http, within), dict[str, str]()
        credentials = self._credentials or auth.default(scopes=self._scopes, request=transport)[0]
        if not credentials.valid:
            credentials.refresh(transport)
        credentials.apply(headers)
        self._credentials = credentials
        return headers
