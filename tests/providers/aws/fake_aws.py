"""moto on the loopback, and in front of it whatever a bad AWS, or a bad network, may answer instead."""

import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from email.utils import formatdate
from typing import Any, Self
from urllib.parse import parse_qs

import httpx2
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app
from werkzeug.serving import WSGIRequestHandler, make_server

from autoscaler.service.runtime import SystemRuntime, background

RUNTIME = SystemRuntime()
Start = Callable[[str, list[tuple[str, str]]], object]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """`ahead`: seconds by which its clock is before ours. `pause`: comes before its body."""

    body: bytes = b"{}"
    status: int = 200
    ahead: int = 0
    pause: Callable[[], None] | None = None
    headers: dict[str, str] = field(default_factory=dict)


def answer(data: object, status: int = 200) -> Reply:
    """A reply in AWS's JSON protocol; NaN and infinities stand in it as Python writes them."""
    return Reply(body=json.dumps(data).encode(), status=status)


def error(code: str, message: str = "in AWS's own words", status: int = 400) -> Reply:
    """AWS says no."""
    return answer({"__type": f"com.amazonaws#{code}", "message": message}, status=status)


def result(*points: tuple[float, float], **beside: object) -> dict[str, object]:
    """What GetMetricData says of one metric, by ages of the periods' beginnings."""
    now = seconds()
    times, values = [now - age for age, _ in points], [value for _, value in points]
    return {"Id": "q0", "Label": "it", "Timestamps": times, "Values": values, "StatusCode": "Complete", **beside}


def results(*found: dict[str, object], **beside: object) -> Reply:
    """GetMetricData's answer with these."""
    return answer({"MetricDataResults": list(found), **beside})


def seconds() -> float:
    """Now."""
    return RUNTIME.now() / 1000


class FakeAws:
    """`replies`: by operation, what is answered instead of moto's own, one after the other and the last for ever; `once`: likewise, once.

    `asked`: the calls; `keys`: whose each of them was, by the id of the key that signed it; `ever`: those before a reset too.
    """

    def __init__(self) -> None:
        self.replies: dict[str, list[Reply]] = {}
        self.once: dict[str, Reply] = {}
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.keys: list[str] = []
        self.ever: set[str] = set()
        self._moto = DomainDispatcherApplication(create_backend_app)
        self._server = make_server("127.0.0.1", 0, self._application, threaded=True, request_handler=_Quiet)

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> Self:
        background(lambda: self._server.serve_forever(poll_interval=0.01), "fake-aws")
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def reset(self) -> None:
        """As if it had just begun."""
        httpx2.post(f"{self.url}/moto-api/reset", trust_env=False).raise_for_status()
        self.replies, self.once, self.asked, self.keys = {}, {}, [], []

    def names(self) -> list[str]:
        """The operations asked for."""
        return [name for name, _ in self.asked]

    def _application(self, environ: dict[str, Any], start: Start) -> Iterable[bytes]:
        body = environ["wsgi.input"].read(int(environ.get("CONTENT_LENGTH") or 0))
        name, asked = _asked(environ, body)
        self.asked.append((name, asked))
        self.ever.add(name)
        self.keys.append(environ.get("HTTP_AUTHORIZATION", "").partition("Credential=")[2].partition("/")[0])
        if name in self.once:
            return self._answered(self.once.pop(name), start)
        waiting = self.replies.get(name)
        if waiting:
            return self._answered(waiting.pop(0) if len(waiting) > 1 else waiting[0], start)
        environ["wsgi.input"] = io.BytesIO(body)
        own: Iterable[bytes] = self._moto(environ, start)
        return own

    @staticmethod
    def _answered(reply: Reply, start: Start) -> Iterator[bytes]:
        headers = {
            "Content-Type": "application/x-amz-json-1.0",
            "Content-Length": str(len(reply.body)),
            "Date": formatdate(seconds() + reply.ahead, usegmt=True),
        }
        start(f"{reply.status} said", list({**headers, **reply.headers}.items()))
        if reply.pause:
            reply.pause()
        yield reply.body


def _asked(environ: dict[str, Any], body: bytes) -> tuple[str, dict[str, Any]]:
    """The operation and its arguments, of the JSON protocol or, as STS still speaks it, the query protocol."""
    if target := environ.get("HTTP_X_AMZ_TARGET", ""):
        return target.rpartition(".")[2], json.loads(body)
    form = {name: values[0] for name, values in parse_qs(body.decode()).items()}
    return form.get("Action", ""), form


class _Quiet(WSGIRequestHandler):
    def send_response(self, code: int, message: str | None = None) -> None:
        """Without a Date of the server's own: a reply brings its."""
        self.send_response_only(code, message)

    def log_request(self, *_: object) -> None:
        """Say nothing."""

    def connection_dropped(self, *_: object) -> None:
        """A client that hung up is no news."""
