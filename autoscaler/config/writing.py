"""Settings back to what a policy file would say: plain maps, lists, texts and numbers, without what is left at its default."""

from dataclasses import MISSING, Field, fields, is_dataclass
from enum import Enum

from autoscaler.config.names import yaml_key

Plain = None | bool | int | str | list["Plain"] | dict[str, "Plain"]


def written(settings: object) -> Plain:
    """The value as YAML holds it; a quantity as the text it is read from."""
    if settings is None or isinstance(settings, bool | int):
        return settings
    if isinstance(settings, Enum):
        return str(settings.value)
    if type(settings) is tuple:
        return [written(one) for one in settings]
    if is_dataclass(settings) and not hasattr(settings, "PATTERN"):
        told = ((one.name, getattr(settings, one.name), one) for one in fields(settings) if one.init)
        return {yaml_key(name): written(value) for name, value, one in told if value != _default(one)}
    return str(settings)


def _default(one: "Field[object]") -> object:
    return one.default_factory() if one.default_factory is not MISSING else one.default
