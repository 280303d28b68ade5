"""Whatever is typed or found in a file: words, a hint and the right code; never a traceback, never "a fault of ours"."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis.strategies import binary, lists, sampled_from, text

from autoscaler.cli.main import LISTINGS
from tests.cli.calling import Call, Ran
from tests.cli.shop import write_shop

NESTED = "[" * 100_000


def check(ran: Ran, *codes: int) -> None:
    assert ran.code in codes, ran
    assert "Traceback" not in ran.err
    assert "a fault of ours" not in ran.err
    assert ran.code == 0 or ("error: " in ran.err and "hint: " in ran.err)


@pytest.fixture(autouse=True)
def bad(tmp_path: Path) -> Path:
    write_shop(tmp_path)
    for name, content in {
        "empty": b"",
        "binary": bytes(range(256)) * 40,
        "huge.yaml": b"# " + b"x" * (2 * 2**20),
        "nested": NESTED.encode(),
        "brace": b"{",
        "list": b"[1, 2]",
        "other-kind": b'{"format": "autoscaler/v1", "kind": "recipe", "value": {}}',
        "newer": b'{"format": "autoscaler/v9", "kind": "plan", "value": {}}',
        "hollow": b'{"format": "autoscaler/v1", "kind": "plan", "value": {}}',
        "number": b'{"format": "autoscaler/v1", "kind": "plan", "value": ' + b"9" * 5000 + b"}",
    }.items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "folder").mkdir()
    return tmp_path


BAD_POLICIES = ("missing", "folder", "empty", "binary", "huge.yaml", "nested", "brace", "list", "/dev/null", "a\nb", "")
BAD_PLANS = ("missing", "folder", "empty", "binary", "nested", "brace", "list", "other-kind", "newer", "hollow", "number")


@pytest.mark.parametrize("path", BAD_POLICIES)
@pytest.mark.parametrize("command", ["validate", "observe", "decide", "plan", "status", "run"])
def test_policies_that_are_none(call: Call, command: str, path: str) -> None:
    check(call(command, path), 5, 64)


@pytest.mark.parametrize("path", BAD_PLANS)
@pytest.mark.parametrize(
    "command",
    [
        pytest.param("show {}", id="show"),
        pytest.param("apply {} --yes", id="apply"),
        pytest.param("explain plan {}", id="explain plan"),
        pytest.param("plan --from {}", id="plan --from"),
        pytest.param("observe --from {}", id="observe --from"),
    ],
)
def test_plans_and_recordings_that_are_none(call: Call, command: str, path: str) -> None:
    check(call(*command.format(path).split()), 1, 5, 64)


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        pytest.param("plan --cluster shp", 64, "did you mean 'shop'?", id="a misspelt cluster"),
        pytest.param("observe --cluster nowhere", 64, "no cluster 'nowhere'", id="an unknown cluster"),
        pytest.param("apply --cluster nowhere --yes", 64, "no cluster 'nowhere'", id="applying to an unknown cluster"),
        pytest.param("freeze all --why x --for 0s", 64, "no time at all", id="a freeze for no time"),
        pytest.param("drain nosuch --yes", 64, "no node 'nosuch'", id="an unknown node"),
        pytest.param("drain manager-2 --yes", 64, "did you mean 'manager-1'?", id="a misspelt node"),
        pytest.param("rebalance nosuch --yes", 64, "no workload shop/nosuch", id="rebalancing an unknown workload"),
        pytest.param("rebalance shop/wep --yes", 64, "did you mean 'shop/web'?", id="a misspelt workload"),
        pytest.param("rebalance other/web --yes", 64, "no workload other/web", id="rebalancing in another cluster"),
        pytest.param("rebalance --yes", 4, "autoscaler apply, then rebalance", id="rebalancing before what is decided"),
        pytest.param("rebalance --moves 0 --yes", 64, "0 is not in the range", id="no moves at all"),
        pytest.param("plan --rebalance x", 64, "not a valid integer", id="a count of moves that is none"),
        pytest.param("explain shop/nosuch --store s.db", 1, "no store at s.db", id="explaining without a store"),
        pytest.param("history --store s.db", 1, "no store at s.db", id="history without a store"),
        pytest.param("resume web --store s.db", 1, "no store at s.db", id="resuming without a store"),
        pytest.param("explain a b c", 64, "one thing at a time", id="too many subjects"),
        pytest.param("explain node", 64, "one thing at a time", id="a node without a name"),
        pytest.param("explain pool", 64, "one thing at a time", id="a pool without a name"),
        pytest.param("freeze pool:nosuch --why x", 64, "no pool 'nosuch'", id="an unknown pool"),
        pytest.param("freeze node: --why x", 64, "no node ''", id="a node without a name, frozen"),
        pytest.param("freeze elsewhere/web --why x", 64, "no cluster 'elsewhere'", id="a workload of an unknown cluster"),
        pytest.param("freeze web --why x --for soon", 64, "write 15s", id="a span that is none"),
        pytest.param("explain web --at soon", 64, "2026-03-29T14:00", id="a time that is none"),
        pytest.param("history --limit 0", 64, "--limit", id="a limit of nothing"),
        pytest.param("doctor --remove", 64, "--marks --remove", id="removing what is not named"),
        pytest.param("plan --out folder", 64, "is a directory", id="a plan to a folder"),
        pytest.param("plan --out no/such/x", 1, "No such file", id="a plan to nowhere"),
        pytest.param("plan --record no/such/x", 1, "No such file", id="a recording to nowhere"),
        pytest.param("schema --out folder", 1, "folder", id="a schema to a folder"),
        pytest.param("init", 64, "is there already", id="a second init"),
        pytest.param("init empty", 1, "empty", id="an init under a file"),
        pytest.param("apply --yes --no-follow", 64, "nobody leads", id="leaving it to nobody"),
    ],
)
def test_what_is_not_there(call: Call, command: str, code: int, says: str) -> None:
    ran = call(*command.split())
    check(ran, code)
    assert says in ran.err


@pytest.mark.parametrize("store", ["folder", "binary", "no/such/folder/s.db", "nosuchsql://x/y", "sqlite:///", "sqlite:///folder"])
@pytest.mark.parametrize("command", ["plan", "status", "history", "freeze web --why x", "apply --yes", "drain general-2 --yes"])
def test_stores_that_are_none(call: Call, command: str, store: str) -> None:
    looks = command in ("plan", "status")
    check(call(*command.split(), "--store", store), 1, 64, *([0] if looks and "no/such" in store else []))


def test_doctor_tells_a_broken_store_and_goes_on(call: Call) -> None:
    ran = call("doctor", "--store", "binary")
    assert ran.code == 1
    assert "! broken store" in ran.out
    assert "+ ok     cluster shop" in ran.out


def test_doctor_tells_broken_policies(call: Call) -> None:
    ran = call("doctor", "--policies", "binary")
    assert ran.code == 1
    assert "! broken policies" in ran.out


@pytest.mark.parametrize("cut", range(0, 1000, 41))
def test_a_plan_file_cut_short(call: Call, tmp_path: Path, cut: int) -> None:
    call("plan", "--out", "shop.plan")
    whole = (tmp_path / "shop.plan").read_bytes()
    (tmp_path / "shop.plan").write_bytes(whole[: len(whole) * cut // 1000])
    check(call("show", "shop.plan"), 1)


def _wrong_type(value: object) -> object:
    return [value] if isinstance(value, str | int) else "x"


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda value, key: value.pop(key), id="a field lost"),
        pytest.param(lambda value, key: value.update({key: _wrong_type(value[key])}), id="a field of another type"),
        pytest.param(lambda value, key: value.update({key: None}), id="a field that is nothing"),
    ],
)
def test_a_plan_file_changed_by_hand(call: Call, tmp_path: Path, spoil: Callable[[dict[str, object], str], object]) -> None:
    call("plan", "--out", "shop.plan")
    whole = json.loads((tmp_path / "shop.plan").read_text())
    for key in list(whole["value"]):
        value = dict(whole["value"])
        spoil(value, key)
        (tmp_path / "broken.plan").write_text(json.dumps({**whole, "value": value}))
        check(call("show", "broken.plan"), 0, 1)


def test_names_from_a_file_cannot_drive_the_terminal(call: Call, tmp_path: Path) -> None:
    call("plan", "--out", "shop.plan")
    spoilt = (tmp_path / "shop.plan").read_text().replace('"shop"', '"sh\\u001b[2J\\ud800op"')
    (tmp_path / "shop.plan").write_text(spoilt)
    ran = call("show", "shop.plan")
    assert ran.code == 0
    assert "\x1b" not in ran.out
    assert "\\x1b[2J" in ran.out


WORDS = sampled_from([*LISTINGS, "--help", "--yes", "--output", "json", "--from", "--store", "-", "--at", "shop/web", "node", "--cluster"])


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(arguments=lists(WORDS | text(max_size=8), max_size=5), stdin=binary(max_size=20))
def test_no_line_of_words_ends_in_a_traceback(call: Call, arguments: list[str], stdin: bytes) -> None:
    if {"run", "init", "demo", "lab", "schema"} & set(arguments):
        return
    ran = call(*arguments, stdin=stdin.decode(errors="replace"))
    assert "Traceback" not in ran.err
    assert "a fault of ours" not in ran.err


@pytest.mark.parametrize(
    ("subject", "why", "says"),
    [pytest.param("all", " ", "without a reason", id="for no reason"), pytest.param("", "x", "freeze what?", id="of nothing")],
)
def test_a_freeze_is_refused(call: Call, subject: str, why: str, says: str) -> None:
    ran = call("freeze", subject, "--why", why)
    check(ran, 64)
    assert says in ran.err


def test_the_red_button_works_with_broken_policies(call: Call, tmp_path: Path) -> None:
    path = tmp_path / "autoscaler.yaml"
    path.write_text(path.read_text() + "clusters: {}\n")
    assert call("freeze", "all", "--why", "x").code == 5
    ran = call("freeze", "all", "--why", "x", "--cluster", "shop", "--store", "s.db")
    assert (ran.code, ran.err.splitlines()[-1]) == (0, "frozen: all in shop until resumed, in the store s.db")


def test_policies_without_a_cluster_say_so(call: Call, tmp_path: Path) -> None:
    (tmp_path / "autoscaler.yaml").write_text("apiVersion: autoscaler/v1\n")
    ran = call("plan")
    assert (ran.code, "the policies name no cluster" in ran.err) == (64, True)
