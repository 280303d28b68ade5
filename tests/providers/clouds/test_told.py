"""What a machine says of itself is believed as far as it is ours, of this version, of this cloud and of soon."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoscaler.model.history import Notice
from autoscaler.model.quantities import Instant
from autoscaler_clouds.told import letter

SAID = Instant(1_798_761_600_000)
TOLD = {
    "poolkeeper": 1,
    "cloud": "gcp",
    "scope": "shop-prod",
    "instance": "shop-general-x7k2",
    "incarnation": "4711081547110815",
    "kind": "preempted",
    "at": "2027-01-01T00:00:00Z",
    "ends": "2027-01-01T00:00:30Z",
}

JSON = st.recursive(st.none() | st.integers() | st.text(), lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


def test_a_notice_names_the_very_machine_and_says_why() -> None:
    found = letter("r", json.dumps(TOLD), "gcp")
    assert (found.receipt, found.notice) == ("r", Notice("4711081547110815", SAID, Instant(SAID + 30_000), "preempted: shop-general-x7k2"))


@pytest.mark.parametrize(
    "wrong",
    [
        pytest.param({"poolkeeper": 2}, id="of another version"),
        pytest.param({"poolkeeper": True}, id="of no version"),
        pytest.param({"cloud": "azure"}, id="of another cloud"),
        pytest.param({"instance": ""}, id="of nobody"),
        pytest.param({"incarnation": 4711}, id="whose boot is a number"),
        pytest.param({"incarnation": "x" * 121}, id="whose boot has no end"),
        pytest.param({"kind": "taken away\n"}, id="whose kind is no word"),
        pytest.param({"at": "yesterday"}, id="without a time"),
        pytest.param({"ends": "2027-01-01T00:00:30"}, id="whose end has no zone"),
        pytest.param({"ends": "2027-01-03T00:00:00Z"}, id="whose end is days ahead"),
    ],
)
def test_what_is_not_believed_has_no_notice(wrong: dict[str, object]) -> None:
    assert letter("r", json.dumps({**TOLD, **wrong}), "gcp").notice is None


@pytest.mark.parametrize("missing", [name for name in TOLD if name != "scope"])
def test_nothing_may_be_missing(missing: str) -> None:
    assert letter("r", json.dumps({name: value for name, value in TOLD.items() if name != missing}), "gcp").notice is None


@given(st.binary() | JSON.map(json.dumps))
def test_whatever_comes_is_given_to_be_dropped(body: str | bytes) -> None:
    assert letter("r", body, "gcp").receipt == "r"
