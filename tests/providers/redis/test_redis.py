"""What goes over the wire to a Redis, and what is made of what comes back."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis.strategies import binary, integers, lists, none, recursive, sampled_from

from autoscaler.config.secrets import Secret, Url
from autoscaler.contracts.provider import Site
from autoscaler.errors import PolicyError, UnavailableError
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.refs import MetricName, WorkloadRef
from autoscaler.model.samples import MetricQuery, Reading, Sample, averaged
from autoscaler_redis.answers import Refusal, behind, value
from autoscaler_redis.commands import Command, command
from autoscaler_redis.metrics_reader import RedisReader
from autoscaler_redis.settings import RedisSettings
from tests.providers.redis.fake_redis import OK, FakeRedis, error, groups, number
from tests.providers.sources import noise

SOON = Duration(5000)


def query(text: str) -> MetricQuery:
    return MetricQuery(metric=MetricName("m"), workload=WorkloadRef.parse("shop/web"), text=text)


def codes(readings: tuple[Reading, ...]) -> list[object]:
    return [one.milli if isinstance(one, Sample) else one.why for one in map(averaged, readings)]


@pytest.fixture
def reader(settings: RedisSettings, site: Site) -> RedisReader:
    return RedisReader(settings, site)


@pytest.mark.parametrize(
    ("text", "sent"),
    [
        pytest.param("list mail", "LLEN mail", id="a list's length"),
        pytest.param("set seen", "SCARD seen", id="a set's size"),
        pytest.param("sorted-set due", "ZCARD due", id="a sorted set's size"),
        pytest.param("stream orders", "XLEN orders", id="a stream's length"),
        pytest.param("number load", "GETRANGE load 0 64", id="a number, and no more than a number"),
        pytest.param("stream-backlog orders billing", "XINFO GROUPS orders", id="a group's backlog"),
        pytest.param('list "to do"', "LLEN to do", id="a key with a blank"),
    ],
)
def test_what_is_sent(text: str, sent: str) -> None:
    found = command(text)
    assert isinstance(found, Command)
    assert b" ".join(found.sent).decode() == sent


def billing(**fields: int | None) -> list[object]:
    flat = [part for name, found in fields.items() for part in (name.encode(), found)]
    return [[b"name", b"audit", b"pending", 1, b"lag", 1], [b"name", b"billing", *flat]]


@pytest.mark.parametrize(
    ("text", "reply", "found"),
    [
        pytest.param("list k", 0, 0, id="an empty list is not there, and is zero"),
        pytest.param("list k", 10**13, Code.NOT_A_NUMBER, id="longer than anything"),
        pytest.param("list k", -1, Code.NOT_A_NUMBER, id="shorter than nothing"),
        pytest.param("list k", b"7", Code.MALFORMED, id="a text for a length"),
        pytest.param("list k", None, Code.MALFORMED, id="nothing for a length"),
        pytest.param("number k", b"7.25", 7250, id="a written number"),
        pytest.param("number k", b"-7", Code.NOT_A_NUMBER, id="a number below zero"),
        pytest.param("number k", b"many", Code.NOT_A_NUMBER, id="a word"),
        pytest.param("number k", b"\xff\xfe", Code.NOT_A_NUMBER, id="no text at all"),
        pytest.param("number k", b"", Code.MISSING, id="no such key"),
        pytest.param("number k", b"1" * 65, Code.TOO_LARGE, id="more than a number"),
        pytest.param("stream-lag k billing", billing(pending=2, lag=5), 5000, id="not yet delivered"),
        pytest.param("stream-pending k billing", billing(pending=2, lag=5), 2000, id="delivered, not acknowledged"),
        pytest.param("stream-backlog k billing", billing(pending=2, lag=5), 7000, id="both"),
        pytest.param("stream-lag k billing", billing(pending=2, lag=None), Code.MISSING, id="a lag the server cannot tell"),
        pytest.param("stream-backlog k billing", billing(pending=2), Code.MISSING, id="an old server's backlog is not its pending"),
        pytest.param("stream-pending k billing", billing(pending=2), 2000, id="an old server's pending"),
        pytest.param("stream-backlog k billing", billing(pending=-1, lag=5), Code.NOT_A_NUMBER, id="a part below zero"),
        pytest.param("stream-lag k nobody", billing(lag=5), Code.MISSING, id="another group"),
        pytest.param("stream-lag k audit", [*billing(), *billing()], Code.CONTRADICTORY, id="the group twice"),
        pytest.param("stream-lag k audit", 7, Code.MALFORMED, id="a number for groups"),
        pytest.param("stream-lag k audit", Refusal("ERR no such key"), Code.MISSING, id="no such stream"),
        pytest.param("list k", Refusal("WRONGTYPE Operation"), Code.MALFORMED, id="another type"),
        pytest.param("list k", Refusal("NOPERM no permission"), Code.REFUSED, id="no permission"),
        pytest.param("list k", Refusal("MASTERDOWN Link with MASTER is down"), Code.UNAVAILABLE, id="a replica that will not tell"),
        pytest.param("list k", Refusal("MOVED 3999 10.0.0.2:6379"), Code.REFUSED, id="another node's key"),
    ],
)
def test_replies(text: str, reply: object, found: int | Code) -> None:
    asked = command(text)
    assert isinstance(asked, Command)
    answer = value(asked, reply)
    assert (answer.why if not hasattr(answer, "milli") else answer.milli) == found


REPLIES = recursive(
    none() | integers() | binary(max_size=70) | sampled_from([b"name", b"billing", b"lag", b"pending", b"slave", Refusal("ERR"), True]),
    lambda inner: lists(inner, max_size=6),
    max_leaves=15,
)


@pytest.mark.parametrize("amount", noise.AMOUNTS)
def test_no_reply_of_whatever_shape_raises(amount: int) -> None:
    @noise.of(amount)
    @given(REPLIES, sampled_from(["list k", "number k", "stream-lag k billing", "stream-backlog k billing"]))
    def holds(reply: object, text: str) -> None:
        asked = command(text)
        assert isinstance(asked, Command)
        assert noise.sound(value(asked, reply))
        assert behind(reply) is None or noise.sound(behind(reply))  # type: ignore[arg-type]

    holds()


def test_everything_is_asked_once_and_in_one_go(redis: FakeRedis, reader: RedisReader) -> None:
    redis.replies["XINFO GROUPS s"] = groups({"name": "g", "pending": 2, "lag": 3})
    texts = ("list a", "stream-lag s g", "list a", "stream-pending s g", "lst a")
    assert codes(reader.read(tuple(map(query, texts)), SOON)) == [0, 3000, 0, 2000, Code.REFUSED]
    assert redis.asked == ["ROLE", "LLEN a", "XINFO GROUPS s", "XINFO GROUPS s"]


def test_one_bad_key_spoils_no_other(redis: FakeRedis, reader: RedisReader) -> None:
    redis.replies |= {"LLEN b": error("WRONGTYPE Operation"), "LLEN c": error("BUSY a script runs"), "LLEN d": number(4)}
    assert codes(reader.read(tuple(query(f"list {key}") for key in "abcd"), SOON)) == [0, Code.MALFORMED, Code.UNAVAILABLE, 4000]


def test_a_server_that_still_loads_is_unavailable(redis: FakeRedis, reader: RedisReader) -> None:
    redis.default = redis.replies["ROLE"] = error("LOADING Redis is loading the dataset in memory")
    with pytest.raises(UnavailableError, match="BusyLoadingError"):
        reader.read((query("list a"),), SOON)


def test_a_role_that_may_not_be_asked_is_no_obstacle(redis: FakeRedis, reader: RedisReader) -> None:
    redis.replies["ROLE"] = error("NOPERM this user has no permissions to run the 'role' command")
    assert codes(reader.read((query("list a"),), SOON)) == [0]


@pytest.mark.parametrize(
    ("user", "sent"), [pytest.param("", "AUTH {}", id="a password alone"), pytest.param("reader@", "AUTH reader {}", id="with a name")]
)
def test_the_password_is_read_anew_for_each_connection(redis: FakeRedis, site: Site, tmp_path: Path, user: str, sent: str) -> None:
    redis.default = OK
    redis.replies["LLEN a"] = number(1)
    settings = RedisSettings(url=Url(redis.url.replace("//", f"//{user}")), password=Secret.parse(f"${{file:{tmp_path}/password}}"))
    for word in ("one", "two"):
        (tmp_path / "password").write_text(f"{word}\n")
        assert codes(RedisReader(settings, site).read((query("list a"),), SOON)) == [1000]
    assert [line for line in redis.asked if line.startswith("AUTH")] == [sent.format("one"), sent.format("two")]


def test_a_password_that_is_wrong_is_in_no_word(redis: FakeRedis, settings: RedisSettings, site: Site, tmp_path: Path) -> None:
    (tmp_path / "password").write_text("hunter2")
    redis.default = error("WRONGPASS invalid username-password pair or user is disabled.")
    reader = RedisReader(replace(settings, password=Secret.parse(f"${{file:{tmp_path}/password}}")), site)
    (reading,) = reader.read((query("list a"),), SOON)
    assert codes((reading,)) == [Code.REFUSED]
    assert "WRONGPASS" in str(reading)
    assert "hunter2" not in str(reading)


def test_a_late_reply_is_never_taken_for_the_next_questions(redis: FakeRedis, settings: RedisSettings, site: Site) -> None:
    reader = RedisReader(replace(settings, timeout=Duration(400)), site)
    redis.replies |= {"LLEN a": number(1), "LLEN b": number(2)}
    assert codes(reader.read((query("list a"),), SOON)) == [1000]

    def wait_until_it_is_late() -> None:
        while redis.pause:
            site.runtime.sleep(Duration(1))

    redis.pause = wait_until_it_is_late
    with pytest.raises(UnavailableError):
        reader.read((query("list a"),), SOON)
    redis.pause = None
    assert codes(reader.read((query("list b"),), SOON)) == [2000]


def test_no_time_left_is_late(reader: RedisReader) -> None:
    assert codes(reader.read((query("list a"),), Duration(50))) == [Code.LATE]


def test_what_is_no_redis_is_unavailable(redis: FakeRedis, reader: RedisReader) -> None:
    redis.default = b"HTTP/1.1 400 Bad Request\r\n\r\n"
    redis.replies.clear()
    with pytest.raises(UnavailableError, match=r"127\.0\.0\.1"):
        reader.read((query("list a"),), SOON)


@pytest.mark.parametrize(
    "settings",
    [
        pytest.param({"url": Url("http://host")}, id="another scheme"),
        pytest.param({"url": Url("redis:///0")}, id="no host"),
        pytest.param({"url": Url("redis://host/jobs")}, id="a database that is no number"),
        pytest.param({"url": Url("redis://host/0?password=x")}, id="a query"),
        pytest.param({"url": Url("redis://host"), "timeout": Duration(0)}, id="no time"),
    ],
)
def test_settings_that_cannot_work(settings: dict[str, object]) -> None:
    with pytest.raises(PolicyError):
        RedisSettings(**settings)  # type: ignore[arg-type]


def test_an_address_in_parts() -> None:
    found = RedisSettings(url=Url("rediss://read%20er@host:7/3"))
    assert (found.tls, found.user, found.host, found.port, found.database) == (True, "read er", "host", 7, 3)
    assert (RedisSettings(url=Url("redis://host")).port, RedisSettings(url=Url("redis://host")).user) == (6379, None)


def test_looking_at_the_plugin_loads_no_client() -> None:
    program = "import sys, autoscaler_redis.plugin; print('redis' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.strip() == "False"
