"""Placement constraints and preferences of a service as rules on node labels, and what of a node they can be held against."""

import re

from autoscaler.model.constraints import LabelRule, Preference, TopologySpread
from autoscaler_docker.fields import Json, rows, table, text

CONSTRAINT = re.compile(r"\s*(?P<key>[A-Za-z0-9._/-]+)\s*(?P<sign>==|!=)\s*(?P<value>.+?)\s*")
USER_LABEL = "node.labels."
KNOWN = frozenset({"node.id", "node.hostname", "node.role", "node.ip", "node.platform.os", "node.platform.arch"})
ENGINE_LABEL = "engine.labels."
NOWHERE = "constraint we cannot read"


def rule_of(constraint: str) -> LabelRule:
    """`node.labels.zone==a` is a rule on the label `zone`; attributes keep their whole name, `node.role`.

    One that we cannot read gives a rule that no node keeps: nothing is moved or placed on a guess.
    """
    found = CONSTRAINT.fullmatch(constraint)
    if not found or not _readable(found["key"], found["value"]):
        return LabelRule(key=NOWHERE, value=constraint[:100])
    return LabelRule(key=found["key"].removeprefix(USER_LABEL), value=found["value"], equal=found["sign"] == "==")


def preferences_of(placement: Json) -> tuple[Preference, ...]:
    """What Swarm spreads a service over, the first weighing most. It knows labels only, and so do we: what else is named it passes over."""
    told = (text(one, "Spread", "SpreadDescriptor") for one in rows(placement, "Preferences"))
    topologies = [found for found in map(_topology, told) if found]
    weights = range(len(topologies), 0, -1)
    return tuple(Preference(weight=weight, wish=TopologySpread(topology=one)) for weight, one in zip(weights, topologies, strict=True))


def labels_of(node: Json, user: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """All of a node that constraints may name: its `user` labels by their own name, the rest under Swarm's."""
    described = table(node, "Description")
    attributes = {
        "node.id": text(node, "ID"),
        "node.hostname": text(described, "Hostname"),
        "node.role": text(node, "Spec", "Role"),
        "node.ip": text(node, "Status", "Addr"),
        "node.platform.os": text(described, "Platform", "OS"),
        "node.platform.arch": text(described, "Platform", "Architecture"),
    }
    engine = {ENGINE_LABEL + key: str(value) for key, value in table(described, "Engine", "Labels").items()}
    return tuple(sorted({**attributes, **engine, **dict(user)}.items()))


def _topology(descriptor: str) -> str:
    """The label it names, as `labels_of` calls it; nothing if it names none. Swarm takes either case for what stands before the label."""
    for prefix, ours in ((USER_LABEL, ""), (ENGINE_LABEL, ENGINE_LABEL)):
        if descriptor.lower().startswith(prefix) and descriptor[len(prefix) :]:
            return ours + descriptor[len(prefix) :]
    return ""


def _readable(key: str, value: str) -> bool:
    # Swarm takes networks for `node.ip` too; a label holds one address.
    return (key in KNOWN or key.startswith((USER_LABEL, ENGINE_LABEL))) and not (key == "node.ip" and "/" in value)
