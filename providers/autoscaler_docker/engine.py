"""One Docker engine's API: every call with its own timeout, its failures in our words.

docker-py gives the transport (Unix socket, ssh, TLS) and nothing more. Its methods for services rebuild the specification or
fill in defaults, which makes Swarm restart every task.
"""

import json
import weakref
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from autoscaler.contracts.runtime import Runtime
from autoscaler.errors import NotFoundError, ProviderError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler_docker import faults, transport
from autoscaler_docker.fields import NO_ENGINE
from autoscaler_docker.settings import TlsFiles

if TYPE_CHECKING:
    import requests

CALL = Duration(10_000)
"""The longest a call of a writer takes: shorter than a lease lives."""
FIRST_ERROR = 400
LONGEST_LINE = 2**20


@dataclass(frozen=True, slots=True)
class Until:
    """A deadline that several calls share."""

    runtime: Runtime
    ends: int

    @classmethod
    def within(cls, runtime: Runtime, span: Duration) -> "Until":
        """Begins now."""
        return cls(runtime, runtime.monotonic() + span.ms)

    def left(self) -> Duration:
        """What is left; never negative."""
        return Duration(max(0, self.ends - self.runtime.monotonic()))

    def seconds(self, what: str) -> float:
        """What is left for `what`; UnavailableError when nothing is."""
        left = self.left()
        if not left.ms:
            raise UnavailableError(f"{what}: no time left to ask", hint=faults.AGAIN)
        return left.ms / 1000


@dataclass(frozen=True, slots=True)
class _Ask:
    """One request."""

    method: str
    path: str
    version: str = ""
    query: Mapping[str, str] | None = None
    body: object = None
    live: bool = False

    @property
    def what(self) -> str:
        return f"{self.method} {self.path}"

    @property
    def writing(self) -> bool:
        return self.method != "GET"

    @property
    def content(self) -> bytes | None:
        return None if self.body is None else json.dumps(self.body).encode()


class Engine:
    """Speaks to one endpoint; connects at the first call."""

    def __init__(self, endpoint: str, runtime: Runtime, tls: TlsFiles | None = None) -> None:
        self._endpoint = endpoint
        self._runtime = runtime
        self._tls = tls
        self._client: requests.Session | None = None
        self._base = ""
        self._version = ""

    def until(self, span: Duration) -> Until:
        """A deadline for the calls to come."""
        return Until.within(self._runtime, span)

    @property
    def feeds(self) -> int:
        """How many feeds may be open at once: through ssh each is a process, and a server admits few at a time."""
        return 8 if self._endpoint.startswith("ssh://") else 32

    def get(self, path: str, until: Until, query: Mapping[str, str] | None = None) -> object:
        """The answer, parsed."""
        return self._call("GET", path, until, query, None)

    def post(self, path: str, body: object, until: Until, query: Mapping[str, str]) -> None:
        """Change something: the whole object, with the version it was read at in `query`."""
        self._call("POST", path, until, query, body)

    def delete(self, path: str, until: Until) -> None:
        """Remove something."""
        self._call("DELETE", path, until, None, None)

    def feed(self, path: str, until: Until) -> "Feed":
        """An answer that goes on line by line, opened and not read yet; the caller closes it."""
        return Feed(self._send(_Ask("GET", path, self._speaks(until), {"stream": "1"}, live=True), until), path)

    def _call(self, method: str, path: str, until: Until, query: Mapping[str, str] | None, body: object) -> object:
        ask = _Ask(method, path, self._speaks(until), query, body)
        answer = self._send(ask, until)
        return _parsed(answer, ask.what) if answer.content else None

    def _speaks(self, until: Until) -> str:
        if not self._version:
            ping = self._send(_Ask("GET", "/_ping"), until)
            self._version = f"/v{ping.headers.get('Api-Version', transport.OLDEST)}"
        return self._version

    def _send(self, ask: "_Ask", until: Until) -> "requests.Response":
        import requests

        client, seconds = self._open(), until.seconds(ask.what)
        try:
            answer = client.request(
                ask.method,
                f"{self._base}{ask.version}{ask.path}",
                params=ask.query,
                data=ask.content,
                headers={"Content-Type": "application/json"} if ask.content else {},
                timeout=(min(transport.CONNECT_S, seconds), seconds),
                allow_redirects=False,
                stream=ask.live,
            )
        except (requests.RequestException, OSError) as error:
            raise faults.from_transport(error, ask.what, writing=ask.writing) from error
        if answer.status_code >= FIRST_ERROR:
            raise faults.from_status(answer.status_code, _said(answer), ask.what, writing=ask.writing)
        return answer

    def _open(self) -> "requests.Session":
        if self._client is None:
            self._client, self._base = transport.open_session(self._endpoint, self._tls)
            weakref.finalize(self, self._client.close)
        return self._client


class Feed:
    """Objects of one answer, one a line, as they come."""

    def __init__(self, answer: "requests.Response", path: str) -> None:
        self._answer = answer
        self._path = path
        self._chunks: Iterator[bytes] = answer.iter_content(chunk_size=None)
        self._rest = b""

    def next(self) -> object:
        """The next object; UnavailableError when there is none in time, NotFoundError when there will be none."""
        import requests

        what = f"GET {self._path}"
        try:
            while b"\n" not in self._rest and len(self._rest) < LONGEST_LINE:
                self._rest += next(self._chunks)
        except StopIteration as error:
            raise NotFoundError(f"{what} has ended", hint="its container stopped meanwhile") from error
        except (requests.RequestException, OSError) as error:
            raise faults.from_transport(error, what, writing=False) from error
        line, _, self._rest = self._rest.partition(b"\n")
        return _loaded(line, what)

    def close(self) -> None:
        """Hangs up."""
        self._answer.close()


def _said(answer: "requests.Response") -> str:
    try:
        found = answer.json()
    except ValueError:
        return ""
    return str(found.get("message", "")) if isinstance(found, dict) else ""


def _parsed(answer: "requests.Response", what: str) -> object:
    return _loaded(answer.content, what)


def _loaded(said: bytes, what: str) -> object:
    try:
        found: object = json.loads(said)
    except ValueError as error:
        raise ProviderError(f"{what}: the answer is no JSON", hint=NO_ENGINE) from error
    return found
