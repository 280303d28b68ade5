"""Which plugin a key names, and the shape of that plugin's settings."""

from autoscaler.config.annotations import settings_shape
from autoscaler.config.markers import Section
from autoscaler.config.names import listed, meant
from autoscaler.config.plugins import Plugins, remedy
from autoscaler.config.problems import ProblemCode
from autoscaler.config.shapes import Record, Slot
from autoscaler.config.yaml_nodes import Entry, Mapping
from autoscaler.errors import PolicyError, SetupError


class PluginError(PolicyError):
    """A key that names no plugin we can use; the binder adds the place."""

    def __init__(self, code: ProblemCode, problem: str, *, hint: str) -> None:
        super().__init__(problem, hint=hint)
        self.code = code


def find_settings(plugins: Plugins, section: Section, kind: str) -> Record:
    """The shape of the plugin's settings; PluginError when it is not installed, or broken."""
    try:
        found = plugins.settings(section, kind)
        if found is not None:
            return settings_shape(found)
    except SetupError as error:
        raise PluginError(ProblemCode.BROKEN_PLUGIN, str(error), hint=error.hint) from error
    raise _unknown(plugins, section, kind)


def plugin_entry(shape: Record, node: Mapping, plugins: Plugins) -> Entry | None:
    """Of a map in which the plugin's key stands beside others: that key. A slip in one of the others is not taken for it."""
    slot = shape.plugin.shape if shape.plugin else None
    known = {member.key for member in shape.members}
    others = [entry for entry in node.entries if entry.key.text not in known]
    if not isinstance(slot, Slot) or not others:
        return None
    kinds = plugins.kinds(slot.section)
    installed = [entry for entry in others if entry.key.text in kinds]
    free = {key for key in known if node.get(key) is None}
    strange = [entry for entry in others if not meant(entry.key.text, free)]
    return next(iter(installed or strange or ()), None)


def _unknown(plugins: Plugins, section: Section, kind: str) -> PluginError:
    kinds = plugins.kinds(section)
    guess = meant(kind, kinds)
    hint = f"did you mean {guess!r}? installed: {listed(kinds)}" if guess else f"{_way(plugins, section, kind)}; installed: {listed(kinds)}"
    return PluginError(ProblemCode.UNKNOWN_PLUGIN, f"no {section.value} of kind {kind[:60]!r} is installed", hint=hint)


def _way(plugins: Plugins, section: Section, kind: str) -> str:
    """What to install: for rules the distribution that has it, else the extra of its name; a broken provider may be the reason."""
    broken = "" if section is Section.RULES else "; ".join(f"{error} ({error.hint})" for error in plugins.broken()[:3])
    advice = "install the distribution that has this rule" if section is Section.RULES else remedy(kind)
    return f"{advice}; {broken}" if broken else advice
