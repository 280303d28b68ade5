"""The policy file's JSON Schema, written from the same shapes that the binder reads by, and from the installed plugins.

Draft 2020-12 in words that a draft-07 tool reads the same way. It says all that one file can say by itself; beyond it are checks over
several values: names used and defined, min and max, what a plugin's own settings refuse.
"""

from inspect import getdoc

from autoscaler.config.annotations import settings_shape
from autoscaler.config.document import Document, PoolRulePart, RulePart
from autoscaler.config.markers import POSITIVE, Section, Spelt
from autoscaler.config.plugins import Plugins
from autoscaler.config.shapes import (
    LARGEST,
    AnyOf,
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
)
from autoscaler.errors import SetupError

Json = None | bool | int | str | list["Json"] | dict[str, "Json"]
Schema = dict[str, Json]

RULES = {RulePart: "rule", PoolRulePart: "pool_rule"}
"""Every rule is described once: there are many places for one."""


def schema(plugins: Plugins) -> Schema:
    """The schema as JSON values; a plugin that cannot be loaded is left out, as the parser refuses it too."""
    root = _of(settings_shape(Document), plugins)
    rules: Schema = {name: _record(settings_shape(kind), plugins) for kind, name in RULES.items()}
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "poolkeeper policy file", **root, "$defs": rules}


def _of(shape: Shape, plugins: Plugins) -> Schema:
    match shape:
        case Many(item, least):
            return {"type": "array", "items": _of(item, plugins), "minItems": least}
        case Named():
            return _named(shape, plugins)
        case Record():
            name = next((name for kind, name in RULES.items() if shape.kind is kind), None)
            return {"$ref": f"#/$defs/{name}"} if name else _record(shape, plugins)
        case Slot(section):
            return _plugins(plugins, section)
        case AnyOf(shapes):
            return {"anyOf": [_of(each, plugins) for each in shapes]}
        case _:
            return _of_scalar(shape)


def _of_scalar(shape: Nothing | Flag | Whole | Choice | Text | Quantity) -> Schema:
    match shape:
        case Nothing():
            return {"type": "null"}
        case Flag():
            return {"type": "boolean"}
        case Whole(least):
            return {"type": "integer", "minimum": least, "maximum": LARGEST}
        case Choice():
            return {"enum": list(shape.words)}
        case Text(spelt=spelt):
            return {"type": "string", **_spelling(spelt)}
        case Quantity():
            return _quantity(shape)


def _spelling(spelt: tuple[Spelt, ...]) -> Schema:
    """One pattern as such; several by allOf, for JSON has one key of a name."""
    patterns: list[Json] = [{"pattern": f"^(?:{each.pattern})$"} for each in spelt]
    return {"pattern": f"^(?:{spelt[0].pattern})$"} if len(spelt) == 1 else ({"allOf": patterns} if patterns else {})


def _quantity(shape: Quantity) -> Schema:
    text: Schema = {"type": "string", **_spelling((Spelt(shape.pattern, shape.hint), *shape.spelt)), "description": shape.hint}
    if not shape.bare:
        return text
    number: Schema = {"type": "number", "exclusiveMinimum" if POSITIVE in shape.spelt else "minimum": 0}
    return {"anyOf": [number, text]}


def _named(shape: Named, plugins: Plugins) -> Schema:
    names: Schema = {"propertyNames": {"type": "string", **_spelling(shape.key.spelt)}} if shape.key.spelt else {}
    return {"type": "object", "additionalProperties": _of(shape.value, plugins), "minProperties": shape.least, **names}


def _record(shape: Record, plugins: Plugins) -> Schema:
    properties: Schema = {member.key: _of(member.shape, plugins) for member in shape.members}
    required: list[Json] = [member.key for member in shape.members if member.required]
    beside = _kinds(plugins, shape.plugin.shape.section) if shape.plugin and isinstance(shape.plugin.shape, Slot) else {}
    alternatives = [*shape.one_of] if not shape.plugin else [*beside]
    some: Schema = {"oneOf": [{"required": [key]} for key in alternatives]} if alternatives else {}
    never: Schema = {"not": {}} if shape.plugin and not beside else {}
    return {
        "type": "object",
        "description": (getdoc(shape.kind) or advice(shape)).partition("\n")[0],
        "properties": {**properties, **beside},
        "required": required,
        "additionalProperties": False,
        **some,
        **never,
    }


def _plugins(plugins: Plugins, section: Section) -> Schema:
    """A map whose one key names a plugin."""
    return {
        "type": "object",
        "description": f"One key: the kind of {section.value}, with its settings.",
        "properties": _kinds(plugins, section),
        "additionalProperties": False,
        "minProperties": 1,
        "maxProperties": 1,
    }


def _kinds(plugins: Plugins, section: Section) -> Schema:
    found = {kind: _settings(plugins, section, kind) for kind in plugins.kinds(section)}
    return {kind: settings for kind, settings in found.items() if settings is not None}


def _settings(plugins: Plugins, section: Section, kind: str) -> Schema | None:
    try:
        settings = plugins.settings(section, kind)
        return _of(settings_shape(settings), plugins) if settings else None
    except SetupError:
        return None
