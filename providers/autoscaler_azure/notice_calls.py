"""Calls to a storage queue by REST, and what it means when one fails. It speaks XML, and says in a header how many wait.

https://learn.microsoft.com/rest/api/storageservices/queue-service-rest-api
"""

from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError, SetupError, UnavailableError
from autoscaler.model.quantities import Duration, Memory
from autoscaler.model.samples import Unknown
from autoscaler_azure.notice_settings import AzureNotices
from autoscaler_azure.sign_in import SignIn
from autoscaler_sources.bounded_http import Answer, BoundedHttp, Bounds, Question

SCOPE = "https://storage.azure.com/.default"
VERSION = "2021-12-02"
LARGEST = Memory(8 * 2**20)
"""32 messages of 64 KiB each, and room."""

UNAUTHORIZED, NOT_FOUND, TOO_MANY, FIRST_FAULT, FIRST_SERVER_FAULT = 401, 404, 429, 300, 500
TAKEN_SINCE = "PopReceiptMismatch"
"""A message that has come again: by what we had of it, it is not there any more."""

LATER = "nothing to do: it is asked again later"
GRANT = "grant this process's account what the module azure-roles grants on the queue"


class StorageQueue:
    """One queue. Who we are goes over https alone."""

    def __init__(self, settings: AzureNotices, site: Site) -> None:
        self._url = settings.queue.text
        self._timeout = settings.timeout
        self._runtime = site.runtime
        self._http = BoundedHttp(site.runtime, Bounds(timeout=settings.timeout, largest=LARGEST, proxied=True))
        self._sign_in = SignIn(site, SCOPE)

    def ask(self, method: str, path: str, params: Mapping[str, str], within: Duration) -> Answer:
        """A good answer. UnavailableError: busy, late or broken. NotFoundError: no such thing. SetupError: whatever else was refused."""
        now = datetime.fromtimestamp(self._runtime.now() / 1000, UTC)
        headers = {"x-ms-version": VERSION, "x-ms-date": format_datetime(now, usegmt=True), "Accept": "application/xml"}
        if self._url.startswith("https://"):
            headers |= self._sign_in.headers(within)
        question = Question(url=self._url + path, method=method, params=params, headers=headers)
        answer = self._http.ask(question, min(within, self._timeout))
        if isinstance(answer, Unknown):
            raise UnavailableError(answer.detail or str(answer.why), hint=LATER)
        if answer.status >= FIRST_FAULT:
            raise self._failed(answer)
        return answer

    def _failed(self, answer: Answer) -> Exception:
        code = answer.headers.get("x-ms-error-code", "")
        words = f"HTTP {answer.status} {code}".strip()[:200]
        if answer.status == TOO_MANY or answer.status >= FIRST_SERVER_FAULT:
            return UnavailableError(words, hint=LATER)
        if answer.status == NOT_FOUND or code == TAKEN_SINCE:
            return NotFoundError(words, hint="see whether the queue is there, and whether we may see it")
        if answer.status == UNAUTHORIZED:
            self._sign_in.forget()
        return SetupError(words, hint=GRANT)
