"""What a plain scalar means: the core schema of YAML 1.2, without its surprises."""

import re
from enum import Enum

from autoscaler.config.yaml_nodes import Listing, Mapping, Node, Scalar

_NULL = frozenset({"", "~", "null", "Null", "NULL"})
_NUMBER = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?|0o[0-7]+|0x[0-9a-fA-F]+|[-+]?\.(inf|Inf|INF)|\.(nan|NaN|NAN)")
_LONGEST_SHOWN = 40


class Kind(Enum):
    """The four kinds of scalars. `no`, `on` and `yes` are text; only `true` and `false` are flags."""

    NOTHING = "nothing"
    FLAG = "flag"
    NUMBER = "number"
    TEXT = "text"


def kind_of(node: Scalar) -> Kind:
    """What the scalar is, by its looks; quotes make text of anything."""
    if not node.plain:
        return Kind.TEXT
    if node.text in _NULL:
        return Kind.NOTHING
    if node.text in ("true", "false"):
        return Kind.FLAG
    return Kind.NUMBER if _NUMBER.fullmatch(node.text) else Kind.TEXT


def described(node: Node) -> str:
    """What was found, in words."""
    match node:
        case Mapping():
            return "a map"
        case Listing():
            return "a list"
        case Scalar():
            return _described_scalar(node)


def _described_scalar(node: Scalar) -> str:
    short = node.text[:_LONGEST_SHOWN]
    match kind_of(node):
        case Kind.NOTHING:
            return "nothing"
        case Kind.NUMBER:
            return f"the number {short}"
        case Kind.FLAG:
            return short
        case Kind.TEXT:
            return f"the text {short!r}"
