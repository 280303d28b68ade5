"""Placement constraints as rules on labels, placement preferences as wishes for an even spread."""

from typing import Any

import pytest

from autoscaler.errors import ProviderError
from autoscaler.model.constraints import LabelRule, Preference, TopologySpread
from autoscaler.model.workloads import Shape
from autoscaler_docker.constraints import NOWHERE, labels_of, preferences_of, rule_of

NODE = (("node.hostname", "node2"), ("node.ip", "10.0.0.2"), ("node.role", "worker"), ("zone", "a"))


@pytest.mark.parametrize(
    ("constraint", "key", "value", "equal"),
    [
        pytest.param("node.labels.zone==a", "zone", "a", True, id="a user's label goes by its own name"),
        pytest.param("node.labels.zone != b", "zone", "b", False, id="spaces are allowed"),
        pytest.param("node.role==manager", "node.role", "manager", True, id="an attribute keeps its name"),
        pytest.param("node.id!=abc", "node.id", "abc", False, id="an id"),
        pytest.param("node.hostname==node2", "node.hostname", "node2", True, id="a name"),
        pytest.param("engine.labels.os==x y", "engine.labels.os", "x y", True, id="an engine's label with a space in it"),
    ],
)
def test_reads_what_swarm_reads(constraint: str, key: str, value: str, equal: bool) -> None:  # noqa: FBT001 - a column
    assert rule_of(constraint) == LabelRule(key=key, value=value, equal=equal)


@pytest.mark.parametrize(
    "constraint",
    [
        pytest.param("node.ip!=10.0.0.0/8", id="a network"),
        pytest.param("node.moon!=full", id="an attribute nobody knows"),
        pytest.param("node.role", id="no comparison"),
        pytest.param("", id="nothing"),
    ],
)
def test_what_cannot_be_read_is_kept_by_no_node(constraint: str) -> None:
    rule = rule_of(constraint)
    assert (rule.key, rule.equal) == (NOWHERE, True)
    assert not Shape(node_rules=(rule,)).may_stand(NODE)


@pytest.mark.parametrize(
    ("constraints", "kept"),
    [
        pytest.param([], True, id="no rule"),
        pytest.param(["node.labels.zone==a", "node.role==worker"], True, id="all rules"),
        pytest.param(["node.labels.zone==a", "node.role==manager"], False, id="one rule of two"),
        pytest.param(["node.labels.disk!=ssd"], True, id="not carrying a label is not equal"),
        pytest.param(["node.labels.disk==ssd"], False, id="not carrying a label that is asked for"),
    ],
)
def test_a_node_keeps_all_rules(constraints: list[str], kept: bool) -> None:  # noqa: FBT001 - a column
    assert Shape(node_rules=tuple(rule_of(one) for one in constraints)).may_stand(NODE) is kept


def spread(descriptor: str) -> dict[str, Any]:
    return {"Spread": {"SpreadDescriptor": descriptor}}


@pytest.mark.parametrize(
    ("placement", "wanted"),
    [
        pytest.param({}, [], id="none"),
        pytest.param({"Preferences": None}, [], id="none, as Go writes it"),
        pytest.param({"Preferences": [spread("node.labels.datacenter")]}, [(1, "datacenter")], id="one label"),
        pytest.param(
            {"Preferences": [spread("node.labels.datacenter"), spread("node.labels.rack")]},
            [(2, "datacenter"), (1, "rack")],
            id="from highest to lowest precedence",
        ),
        pytest.param({"Preferences": [spread("engine.labels.az")]}, [(1, "engine.labels.az")], id="an engine's label"),
        pytest.param({"Preferences": [spread("Node.Labels.Zone")]}, [(1, "Zone")], id="either case before the label, never in it"),
        pytest.param(
            {"Preferences": [spread("node.hostname"), {}, spread("node.labels."), spread("node.labels.zone")]},
            [(1, "zone")],
            id="what Swarm passes over weighs nothing",
        ),
    ],
)
def test_preferences_are_wishes_of_the_service_for_itself(placement: dict[str, Any], wanted: list[tuple[int, str]]) -> None:
    wishes = tuple(Preference(weight=weight, wish=TopologySpread(topology=topology)) for weight, topology in wanted)
    assert preferences_of(placement) == wishes


def test_a_topology_is_a_label_as_nodes_show_it() -> None:
    node = {"Description": {"Engine": {"Labels": {"az": "one"}}}}
    (wish,) = preferences_of({"Preferences": [spread("engine.labels.az")]})
    assert isinstance(wish.wish, TopologySpread)
    assert dict(labels_of(node, ()))[wish.wish.topology] == "one"


def test_a_preference_of_another_type_is_told_by_its_field() -> None:
    with pytest.raises(ProviderError, match="Spread"):
        preferences_of({"Preferences": [{"Spread": "node.labels.zone"}]})
