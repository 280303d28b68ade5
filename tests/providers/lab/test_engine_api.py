"""The calls to an engine against answers written beforehand: what goes wrong becomes an error of ours."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from autoscaler.errors import OutcomeUnknownError, ProviderError, UnavailableError
from autoscaler_lab import engine_api

ENGINE = Path("/engine.sock")


class Answers:
    """What the engine will say to the next calls, in order."""

    def __init__(self) -> None:
        self._ready: list[socket.socket] = []
        self._other_ends: list[socket.socket] = []

    def say(self, body: str, status: str = "200 OK") -> None:
        self.say_bytes(f"HTTP/1.1 {status}\r\nContent-Length: {len(body)}\r\n\r\n{body}".encode())

    def say_bytes(self, answer: bytes) -> None:
        ours, theirs = socket.socketpair()
        theirs.sendall(answer)
        theirs.shutdown(socket.SHUT_WR)
        self._ready.append(ours)
        self._other_ends.append(theirs)

    def next(self) -> socket.socket:
        return self._ready.pop(0)

    def asked(self) -> str:
        return self._other_ends[-1].recv(65536).decode()

    def close(self) -> None:
        for end in self._ready + self._other_ends:
            end.close()


@pytest.fixture
def engine(monkeypatch: pytest.MonkeyPatch) -> Iterator[Answers]:
    answers = Answers()
    monkeypatch.setattr(engine_api._Connection, "connect", lambda self: setattr(self, "sock", answers.next()))
    yield answers
    answers.close()


def test_nobody_at_the_socket_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(UnavailableError, match="no engine answers"):
        engine_api.nodes(tmp_path / "docker.sock")


def test_an_engine_that_does_not_answer_a_ping_is_not_ready(tmp_path: Path) -> None:
    assert not engine_api.ping(tmp_path / "docker.sock")


def test_an_engine_that_answers_a_ping_is_ready(engine: Answers) -> None:
    engine.say("OK")
    assert engine_api.ping(ENGINE)


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(b"", id="the connection closed"),
        pytest.param(b"HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\nhalf", id="half an answer"),
        pytest.param(b"what?\r\n\r\n", id="no HTTP at all"),
    ],
)
def test_an_answer_that_got_lost_is_an_unknown_outcome(engine: Answers, answer: bytes) -> None:
    engine.say_bytes(answer)
    with pytest.raises(OutcomeUnknownError):
        engine_api.leave_swarm(ENGINE)


def test_a_refusal_says_what_the_engine_said(engine: Answers) -> None:
    engine.say('{"message":"This node is not a swarm manager."}', "503 Service Unavailable")
    with pytest.raises(ProviderError, match="not a swarm manager"):
        engine_api.nodes(ENGINE)


def test_an_image_that_could_not_be_read_is_an_error_although_the_engine_says_200(engine: Answers, tmp_path: Path) -> None:
    image = tmp_path / "app.tar"
    image.write_bytes(b"no tar")
    engine.say('{"errorDetail":{"message":"unexpected EOF"},"error":"unexpected EOF"}')
    with pytest.raises(ProviderError, match="unexpected EOF"):
        engine_api.load_image(ENGINE, image)


def test_joining_names_the_manager_and_shows_the_token(engine: Answers) -> None:
    engine.say("")
    engine_api.join_swarm(ENGINE, "10.77.0.12", "10.77.0.11", "SWMTKN-1")
    asked = engine.asked()
    assert asked.startswith("POST /swarm/join ")
    assert '"10.77.0.11:2377"' in asked
    assert '"SWMTKN-1"' in asked


def test_a_node_that_is_just_joining_has_no_name_yet(engine: Answers) -> None:
    engine.say('[{"ID": "n1", "Description": {}, "Status": {"State": "unknown"}}]')
    assert engine_api.nodes(ENGINE) == [engine_api.SwarmNode("n1", "", ready=False)]


def test_an_engine_outside_a_swarm_has_no_token(engine: Answers) -> None:
    engine.say("{}")
    with pytest.raises(ProviderError, match="JoinTokens"):
        engine_api.worker_token(ENGINE)
