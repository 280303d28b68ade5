"""One scalar to one value: flags, whole numbers, text, choices, and everything that parses its own text."""

import re

from autoscaler.config.names import NAME_HINT, suggestion
from autoscaler.config.problems import ProblemCode
from autoscaler.config.references import References
from autoscaler.config.scalars import Kind, described, kind_of
from autoscaler.config.shapes import (
    LARGEST,
    Choice,
    Flag,
    Many,
    Named,
    Nothing,
    Quantity,
    Record,
    Shape,
    Slot,
    Text,
    Whole,
    advice,
    wanted,
)
from autoscaler.config.yaml_nodes import Listing, Mapping, Node, Scalar
from autoscaler.errors import PolicyError
from autoscaler.model.refs import WorkloadRef

_WHOLE = re.compile(r"([0-9]{1,12})(\.0+)?")
_FAMILIAR = {"yes": "true", "on": "true", "True": "true", "TRUE": "true", "no": "false", "off": "false", "False": "false", "FALSE": "false"}
"""What YAML 1.1 took for flags, and what was probably meant."""

_LOOKS: dict[type[object], Kind] = {Nothing: Kind.NOTHING, Flag: Kind.FLAG, Text: Kind.TEXT}


class ScalarError(PolicyError):
    """A scalar that does not fit its place; the binder adds the place."""

    def __init__(self, code: ProblemCode, problem: str, *, hint: str) -> None:
        super().__init__(problem, hint=hint)
        self.code = code


def suits(shape: Shape, node: Node) -> bool:
    """Whether the node looks like `shape`; how one of several alternatives is chosen."""
    match node:
        case Mapping():
            return isinstance(shape, Record | Named | Slot)
        case Listing():
            return isinstance(shape, Many)
        case Scalar():
            return _scalar_suits(shape, node)


def _scalar_suits(shape: Shape, node: Scalar) -> bool:
    match shape:
        case Whole():
            return kind_of(node) is Kind.NUMBER and _WHOLE.fullmatch(node.text) is not None
        case Quantity():
            return _is_written(shape, node) and re.fullmatch(shape.pattern, node.text) is not None
        case Choice():
            return kind_of(node) is Kind.TEXT and node.text in shape.words
        case _:
            return kind_of(node) is _LOOKS.get(type(shape))


def bind_scalar(shape: Shape, node: Node, references: References) -> object:
    """The value; ScalarError, or the PolicyError of the type's own parser."""
    if not isinstance(node, Scalar):
        raise _mismatch(shape, node)
    match shape:
        case Nothing() if kind_of(node) is Kind.NOTHING:
            return None
        case Flag():
            return _flag(shape, node)
        case Whole():
            return _whole(shape, node)
        case Choice():
            return _choice(shape, node)
        case Quantity():
            return _quantity(shape, node, references)
        case Text():
            return _text(shape, node, references)
        case _:
            raise _mismatch(shape, node)


def _flag(shape: Flag, node: Scalar) -> bool:
    if kind_of(node) is not Kind.FLAG:
        familiar = _FAMILIAR.get(node.text) if node.plain else None
        hint = f"write {familiar}: YAML 1.2 knows true and false only" if familiar else advice(shape)
        raise ScalarError(ProblemCode.WRONG_TYPE, f"{wanted(shape)} is wanted here, found {described(node)}", hint=hint)
    return node.text == "true"


def _whole(shape: Whole, node: Scalar) -> int:
    found = _WHOLE.fullmatch(node.text)
    if not node.plain and found:
        raise ScalarError(ProblemCode.WRONG_TYPE, f"a number is wanted here, found {described(node)}", hint="write it without quotes")
    if kind_of(node) is not Kind.NUMBER:
        raise _mismatch(shape, node)
    if not found or not shape.least <= int(found[1]) <= LARGEST:
        problem = f"{node.text[:40]} is no whole number from {shape.least} to {LARGEST:,}"
        raise ScalarError(ProblemCode.WRONG_VALUE, problem, hint=advice(shape))
    return int(found[1])


def _choice(shape: Choice, node: Scalar) -> object:
    if kind_of(node) is not Kind.TEXT:
        raise _mismatch(shape, node)
    value = dict(shape.values).get(node.text)
    if value is None:
        hint = suggestion(node.text, shape.words, otherwise=advice(shape))
        raise ScalarError(ProblemCode.WRONG_VALUE, f"{node.text[:40]!r} is none of {', '.join(shape.words)}", hint=hint)
    return value


def _is_written(shape: Quantity, node: Scalar) -> bool:
    return kind_of(node) is Kind.TEXT or (shape.bare and kind_of(node) is Kind.NUMBER)


def _quantity(shape: Quantity, node: Scalar, references: References) -> object:
    if not _is_written(shape, node):
        raise _mismatch(shape, node)
    if shape.sensitive and not re.fullmatch(shape.pattern, node.text):
        raise _not_secret(shape, node)
    value = shape.kind.parse(node.text)
    _check_spelling(shape, node)
    if isinstance(value, WorkloadRef):
        references.use("cluster", value.cluster, node.mark)
    if shape.defines:
        references.define(shape.defines, node.text, node.mark)
    return value


def _not_secret(shape: Quantity, node: Scalar) -> ScalarError:
    """The type's own words under a code of their own: the text itself is in none of them."""
    try:
        shape.kind.parse(node.text)
    except PolicyError as error:
        return ScalarError(ProblemCode.NOT_SECRET, str(error), hint=error.hint)
    return ScalarError(ProblemCode.NOT_SECRET, "this cannot stand here", hint=shape.hint)


def _text(shape: Text, node: Scalar, references: References) -> str:
    if kind_of(node) is not Kind.TEXT:
        raise _mismatch(shape, node)
    if shape.defines:
        references.define(shape.names, node.text, node.mark)
    elif shape.names:
        references.use(shape.names, node.text, node.mark)
    _check_spelling(shape, node)
    return node.text


def _check_spelling(shape: Text | Quantity, node: Scalar) -> None:
    for spelt in shape.spelt:
        if not re.fullmatch(spelt.pattern, node.text):
            called = f"{node.text[:60]!r} is no name" if spelt.hint == NAME_HINT else f"{node.text[:60]!r} is not allowed here"
            raise ScalarError(ProblemCode.WRONG_VALUE, called, hint=spelt.hint)


def _mismatch(shape: Shape, node: Node) -> ScalarError:
    sensitive = getattr(shape, "sensitive", False)
    found = "something else" if sensitive else described(node)
    hint = advice(shape)
    return ScalarError(ProblemCode.WRONG_TYPE, f"{wanted(shape)} is wanted here, found {found}", hint=hint)
