"""An engine's failures in our words."""

from pathlib import Path

import pytest
import requests

from autoscaler.contracts.provider import Site
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NotFoundError,
    OutcomeUnknownError,
    ProviderError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.quantities import Duration
from autoscaler_docker import faults
from autoscaler_docker.engine import Engine
from autoscaler_docker.settings import SwarmSettings
from autoscaler_docker.swarm_reader import SwarmReader
from tests.providers.docker.fake_daemon import FakeDaemon

SOON, SHORT = Duration(5000), Duration(150)
SEQUENCE = "rpc error: code = Unknown desc = update out of sequence"
LEADERLESS = "rpc error: code = Unknown desc = The swarm does not have a leader."


@pytest.mark.parametrize(
    ("status", "said", "reading", "writing"),
    [
        pytest.param(404, "service web not found", NotFoundError, NotFoundError, id="gone"),
        pytest.param(500, SEQUENCE, ConflictError, ConflictError, id="somebody was faster"),
        pytest.param(409, "name conflicts", ConflictError, ConflictError, id="a conflict that says so"),
        pytest.param(503, "This node is not a swarm manager.", NotFoundError, NotFoundError, id="no manager"),
        pytest.param(503, LEADERLESS, UnavailableError, UnavailableError, id="no leader: nothing was done"),
        pytest.param(503, "context deadline exceeded", UnavailableError, OutcomeUnknownError, id="who knows how far it came"),
        pytest.param(500, "raft proposal dropped", UnavailableError, OutcomeUnknownError, id="a server's fault"),
        pytest.param(429, "slow down", UnavailableError, UnavailableError, id="throttled"),
        pytest.param(403, "authorization denied", SetupError, SetupError, id="not allowed"),
        pytest.param(400, "client version 1.41 is too old", ProviderError, ProviderError, id="not understood"),
        pytest.param(502, "", UnavailableError, OutcomeUnknownError, id="a proxy without words"),
    ],
)
def test_answers(status: int, said: str, reading: type[AutoscalerError], writing: type[AutoscalerError]) -> None:
    for kind, changes in ((reading, False), (writing, True)):
        found = faults.from_status(status, said, "POST /x", writing=changes)
        assert (type(found), bool(found.hint), len(str(found)) < 300) == (kind, True, True)


@pytest.mark.parametrize(
    ("error", "reading", "writing"),
    [
        pytest.param(
            requests.ConnectionError(ConnectionError("Connection aborted.", FileNotFoundError(2, "No such file"))),
            UnavailableError,
            UnavailableError,
            id="no socket: nothing was sent",
        ),
        pytest.param(
            requests.ConnectionError(ConnectionError("Connection aborted.", ConnectionRefusedError(111, "refused"))),
            UnavailableError,
            UnavailableError,
            id="nobody listens: nothing was sent",
        ),
        pytest.param(requests.ConnectTimeout("slow"), UnavailableError, UnavailableError, id="not reached in time: nothing was sent"),
        pytest.param(requests.ReadTimeout("slow"), UnavailableError, OutcomeUnknownError, id="no reply in time"),
        pytest.param(
            requests.ConnectionError(ConnectionError("Connection aborted.", ConnectionResetError(104, "reset"))),
            UnavailableError,
            OutcomeUnknownError,
            id="hung up",
        ),
        pytest.param(
            requests.ConnectionError(ConnectionError("Connection aborted.", PermissionError(13, "denied"))),
            SetupError,
            SetupError,
            id="not allowed to open the socket",
        ),
    ],
)
def test_no_answer(error: Exception, reading: type[AutoscalerError], writing: type[AutoscalerError]) -> None:
    assert type(faults.from_transport(error, "x", writing=False)) is reading
    assert type(faults.from_transport(error, "x", writing=True)) is writing


@pytest.fixture
def engine(daemon: FakeDaemon, site: Site) -> Engine:
    return Engine(daemon.endpoint, site.runtime)


def change(engine: Engine) -> None:
    engine.post("/nodes/id-node2/update", {"Availability": "pause"}, engine.until(SOON), {"version": "13"})


def test_a_lost_reply_to_a_change_is_an_unknown_outcome(daemon: FakeDaemon, engine: Engine) -> None:
    engine.get("/nodes", engine.until(SOON))
    daemon.fault = lambda method, _: FakeDaemon.CUT if method == "POST" else None
    with pytest.raises(OutcomeUnknownError) as caught:
        change(engine)
    assert isinstance(caught.value.__cause__, requests.ConnectionError)


def test_an_engine_that_is_gone_was_sent_nothing(daemon: FakeDaemon, engine: Engine) -> None:
    engine.get("/nodes", engine.until(SOON))
    daemon.stop()
    fresh = Engine(daemon.endpoint, engine._runtime)
    with pytest.raises(UnavailableError):
        change(fresh)


def test_an_engine_that_hangs_is_unavailable_within_the_deadline(daemon: FakeDaemon, site: Site, engine: Engine) -> None:
    engine.get("/nodes", engine.until(SOON))
    daemon.fault = lambda _, path: site.runtime.sleep(Duration(600)) if path == "/tasks" else None
    began = site.runtime.monotonic()
    with pytest.raises(UnavailableError):
        engine.get("/tasks", engine.until(SHORT))
    assert site.runtime.monotonic() - began < 500


def test_no_time_left_sends_nothing(daemon: FakeDaemon, engine: Engine) -> None:
    with pytest.raises(UnavailableError, match="no time left"):
        engine.get("/nodes", engine.until(Duration(0)))
    assert daemon.asked == []


def test_an_answer_that_is_no_json_is_no_engine(daemon: FakeDaemon, engine: Engine) -> None:
    engine.get("/nodes", engine.until(SOON))
    daemon.fault = lambda *_: FakeDaemon.HTML
    with pytest.raises(ProviderError, match="no JSON"):
        engine.get("/nodes", engine.until(SOON))


def test_a_worker_as_endpoint_is_told_apart(daemon: FakeDaemon, settings: SwarmSettings, site: Site) -> None:
    daemon.fault = lambda _, path: (503, {"message": "This node is not a swarm manager."}) if path == "/swarm" else None
    with pytest.raises(NotFoundError) as caught:
        SwarmReader(settings, site).observe(SOON)
    assert "manager" in caught.value.hint


def test_certificates_that_are_not_there_are_a_matter_of_setup(site: Site, tmp_path: Path) -> None:
    from autoscaler_docker.settings import TlsFiles

    files = TlsFiles(ca=f"{tmp_path}/ca", cert=f"{tmp_path}/cert", key=f"{tmp_path}/key")
    engine = Engine("tcp://127.0.0.1:1", site.runtime, files)
    with pytest.raises(SetupError, match="no way to"):
        engine.get("/nodes", engine.until(SOON))
