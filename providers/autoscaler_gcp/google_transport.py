"""google-auth's requests over our bounded client. Loads google-auth: import it only where that is wanted."""

from collections.abc import Mapping

from google.auth import exceptions, transport

from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.samples import Unknown
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Question


class Reply(transport.Response):
    """An answer as google-auth wants to see it."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def status(self) -> int:
        """Of HTTP."""
        return self._answer.status

    @property
    def headers(self) -> Mapping[str, str]:
        """By name, in whatever case."""
        return self._answer.headers

    @property
    def data(self) -> bytes:
        """The body."""
        return self._answer.body


class BoundedTransport(transport.Request):
    """Each request ends within `within`, whatever google-auth would grant it."""

    def __init__(self, http: BoundedHttp, within: Duration) -> None:
        self._http = http
        self._within = within

    def __call__(
        self,
        url: str,
        method: str = "GET",
        body: bytes | str | None = None,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> Reply:
        """The answer; what is late, too large or not there is google-auth's TransportError."""
        content = body.encode() if isinstance(body, str) else body or b""
        span = min(self._within, Duration(int(timeout * 1000))) if timeout else self._within
        try:
            answer = self._http.ask(Question(url=url, method=method, headers=headers, content=content), span)
        except UnavailableError as error:
            raise exceptions.TransportError(str(error)) from error
        if isinstance(answer, Unknown):
            raise exceptions.TransportError(answer.detail)
        return Reply(answer)
