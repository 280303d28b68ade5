"""What an editor makes of a policy file before it asks the JSON Schema: plain JSON values, by YAML 1.2."""

from decimal import Decimal

from autoscaler.config.places import Source
from autoscaler.config.problems import Problems
from autoscaler.config.scalars import Kind, kind_of
from autoscaler.config.schema import Json
from autoscaler.config.yaml_nodes import Listing, Mapping, Node, Scalar, compose


def as_json(text: str) -> Json | None:
    """The document's values; None for text with a problem that no schema sees, as a key given twice."""
    problems = Problems()
    tree = compose(Source.of("x.yaml", text), problems)
    return None if problems.count else plain(tree)


def plain(node: Node) -> Json:
    match node:
        case Mapping():
            return {entry.key.text: plain(entry.value) for entry in node.entries}
        case Listing():
            return [plain(item) for item in node.items]
        case Scalar():
            return _scalar(node)


def _scalar(node: Scalar) -> Json:
    match kind_of(node):
        case Kind.NOTHING:
            return None
        case Kind.FLAG:
            return node.text == "true"
        case Kind.TEXT:
            return node.text
        case Kind.NUMBER:
            return _number(node.text)


def _number(text: str) -> Json:
    if text[:2] in ("0x", "0o"):
        return int(text, 0)
    if text.lstrip("+-").lower() in (".inf", ".nan"):
        return text  # JSON has neither: no number to a schema
    number = Decimal(text)
    whole = number == number.to_integral_value() and abs(number) < 10**30
    return int(number) if whole else float(number)  # type: ignore[return-value]
