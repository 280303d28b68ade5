"""The three pages, and whoever asks for them badly."""

import socket
from collections.abc import Callable, Iterator

import pytest
from prometheus_client import CollectorRegistry

from autoscaler.errors import SetupError
from autoscaler.service.http import Server, server
from autoscaler.service.runtime import background
from tests.service.conftest import get

Serve = Callable[..., Server]


@pytest.fixture
def serve() -> Iterator[Serve]:
    made: list[Server] = []

    def begin(listen: str = "127.0.0.1:0", alive: str = "", ready: str = "") -> Server:
        made.append(server(listen, CollectorRegistry(), lambda: alive, lambda: ready))
        background(made[-1].serve_forever, "http")
        return made[-1]

    yield begin
    for one in made:
        one.shutdown()
        one.server_close()


@pytest.mark.parametrize(
    ("path", "alive", "ready", "expected"),
    [
        pytest.param("/healthz", "", "blind", (200, "ok\n"), id="alive though not ready"),
        pytest.param("/healthz", "stuck", "", (503, "stuck\n"), id="stuck"),
        pytest.param("/readyz", "", "", (200, "ok\n"), id="ready"),
        pytest.param("/readyz", "stuck", "blind", (503, "blind\n"), id="blind"),
        pytest.param("/metrics", "stuck", "blind", (200, ""), id="metrics whatever happens"),
        pytest.param("/", "", "", (404, "try /metrics, /healthz or /readyz\n"), id="anything else"),
    ],
)
def test_each_page_has_its_code(serve: Serve, path: str, alive: str, ready: str, expected: tuple[int, str]) -> None:
    assert get(serve(alive=alive, ready=ready).listens, path) == expected


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE"])
def test_nothing_can_be_changed(serve: Serve, method: str) -> None:
    assert get(serve().listens, "/metrics", method)[0] == 405


def test_head_has_no_body(serve: Serve) -> None:
    assert get(serve().listens, "/healthz", "HEAD") == (200, "")


def test_a_silent_client_keeps_nobody_else_waiting(serve: Serve) -> None:
    listens = serve().listens
    host, _, port = listens.rpartition(":")
    with socket.create_connection((host, int(port))):
        assert get(listens, "/healthz") == (200, "ok\n")


def test_a_client_that_goes_away_is_no_news(serve: Serve, capfd: pytest.CaptureFixture[str]) -> None:
    listens = serve().listens
    host, _, port = listens.rpartition(":")
    with socket.create_connection((host, int(port))) as rude:
        rude.sendall(b"\x16\x03\x01 no http\r\n\r\n")
    assert get(listens, "/healthz") == (200, "ok\n")
    assert capfd.readouterr() == ("", "")


def test_a_free_port_is_found_and_named(serve: Serve) -> None:
    host, _, port = serve().listens.rpartition(":")
    assert (host, int(port) > 0) == ("127.0.0.1", True)


@pytest.mark.parametrize("listen", ["127.0.0.1:99999", "999.1.1.1:80", "[zz]:80"])
def test_an_address_that_is_none_is_told(listen: str) -> None:
    with pytest.raises(SetupError, match="cannot listen") as raised:
        server(listen, CollectorRegistry(), str, str)
    assert "service.listen" in raised.value.hint


def test_the_newer_internet_is_served_too(serve: Serve) -> None:
    try:
        listens = serve("[::1]:0").listens
    except SetupError:
        listens = serve().listens  # this machine has none
    assert get(listens, "/healthz") == (200, "ok\n")
