"""The promises of a load balancer, kept by a real HAProxy in front of real servers."""

import http.server
import socket
import threading
from collections.abc import Iterator

import pytest

from autoscaler.contracts.provider import Site
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import ClusterName, WorkloadRef
from autoscaler.model.traffic import Member
from autoscaler.service.runtime import SystemRuntime
from autoscaler.testing.traffic import Rotation, TrafficContract
from autoscaler_haproxy.settings import HaproxySettings
from autoscaler_haproxy.traffic_reader import HaproxyReader
from autoscaler_haproxy.traffic_writer import HaproxyWriter
from tests.real.proxy import SLOTS, Proxy
from tests.real.waiting import free_port, until

pytestmark = pytest.mark.real
WEB = WorkloadRef(ClusterName("lab"), "web")


class Answering(http.server.BaseHTTPRequestHandler):
    """Well at /health; anywhere else it waits to be let go."""

    go = threading.Event()

    def do_GET(self) -> None:
        if self.path != "/health":
            self.go.wait(10)
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def addresses() -> Iterator[tuple[str, str]]:
    """Two servers that are well."""
    servers = [http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answering) for _ in range(2)]
    for server in servers:
        threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    first, second = (f"127.0.0.1:{server.server_address[1]}" for server in servers)
    yield first, second
    for server in servers:
        server.shutdown()
        server.server_close()


@pytest.fixture
def site() -> Site:
    return Site(name="edge", cluster=WEB.cluster, runtime=SystemRuntime())


@pytest.fixture
def rotation(proxy: Proxy, site: Site, addresses: tuple[str, str]) -> Rotation:
    settings = HaproxySettings(socket=str(proxy.socket))
    reader = HaproxyReader(settings, site)

    def settle() -> None:
        Answering.go.set()
        until(lambda: all(one.up and not one.sessions for one in members(reader)), "checks have passed and requests have ended", 10)

    return Rotation(
        reader=reader,
        writer=HaproxyWriter(settings, site),
        web=WEB,
        addresses=addresses,
        settle=settle,
        stranger=WorkloadRef(WEB.cluster, "nobody"),
        slots=SLOTS,
        break_down=proxy.stop,
    )


def members(reader: HaproxyReader) -> tuple[Member, ...]:
    return reader.observe((WEB,), Duration(5000)).members


class TestRealHaproxy(TrafficContract):
    """Given `rotation`."""

    # It keeps who drains; its socket is a file on this machine: no reply is lost on the way, and nobody throttles.
    test_a_balancer_that_lets_go_by_itself_does_so_in_its_time = None  # type: ignore[assignment]
    test_a_lost_reply_is_told_and_asking_again_is_harmless = None  # type: ignore[assignment]
    test_what_is_throttled_did_not_happen = None  # type: ignore[assignment]
    test_reading_that_is_throttled_is_unavailable = None  # type: ignore[assignment]
    test_what_is_denied_is_for_somebody_to_grant = None  # type: ignore[assignment]


def test_a_request_in_flight_is_seen_and_ends_while_draining(rotation: Rotation, proxy: Proxy) -> None:
    rotation.writer.join(WEB, (rotation.addresses[0],))
    rotation.settle()
    Answering.go.clear()
    with socket.create_connection(("127.0.0.1", proxy.ports["web"])) as client:
        client.sendall(b"GET / HTTP/1.1\r\nHost: t\r\nConnection: close\r\n\r\n")
        until(lambda: [one.sessions for one in rotation.look().members] == [1], "the request is seen", 5)
        rotation.writer.leave(WEB, (rotation.addresses[0],))
        assert [one.sessions for one in rotation.look().members] == [1]
        Answering.go.set()
        assert b" 200 " in client.recv(100)
    until(lambda: [one.sessions for one in rotation.look().members] == [0], "it runs dry", 5)


def test_a_used_slot_does_not_lend_its_health_to_the_next(rotation: Rotation) -> None:
    for number in range(SLOTS - 1):
        rotation.writer.join(WEB, (f"192.0.2.1:{1000 + number}",))
    rotation.writer.join(WEB, (rotation.addresses[0],))
    until(lambda: up(rotation, rotation.addresses[0]), "its check has passed", 5)
    rotation.writer.remove(WEB, (rotation.addresses[0],))
    dead = f"127.0.0.1:{free_port()}"
    rotation.writer.join(WEB, (dead,))
    assert not up(rotation, dead)


def up(rotation: Rotation, address: str) -> bool:
    found = rotation.member(address)
    return found is not None and found.up
