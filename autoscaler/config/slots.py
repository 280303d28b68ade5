"""Which plugin a key names, and the shape of that plugin's settings."""

from itertools import chain
from typing import cast

from autoscaler.config.annotations import settings_shape
from autoscaler.config.markers import Section
from autoscaler.config.names import listed, meant
from autoscaler.config.places import Mark
from autoscaler.config.plugins import Plugins, remedy
from autoscaler.config.problems import ProblemCode
from autoscaler.config.references import References
from autoscaler.config.shapes import Record, Slot
from autoscaler.config.yaml_nodes import Entry, Mapping, Node, Scalar
from autoscaler.contracts.rule import PoolRule, Rule
from autoscaler.errors import PolicyError, SetupError
from autoscaler.model.pool_asks import PoolAsk, RoomFor

_MOST_COMPARED = 20
"""Of a thousand strange keys in one map, none is the plugin's."""


class PluginError(PolicyError):
    """A key that names no plugin we can use; the binder adds the place."""

    def __init__(self, code: ProblemCode, problem: str, *, hint: str) -> None:
        super().__init__(problem, hint=hint)
        self.code = code


def find_settings(plugins: Plugins, section: Section, kind: str, *, guess: bool) -> Record:
    """The shape of the plugin's settings; PluginError when it is not installed, or broken. `guess`: say what was probably meant."""
    try:
        found = plugins.settings(section, kind)
        if found is not None:
            return settings_shape(found)
    except SetupError as error:
        raise PluginError(ProblemCode.BROKEN_PLUGIN, str(error), hint=error.hint) from error
    raise _unknown(plugins, section, kind, guess=guess)


def plugin_entry(shape: Record, node: Mapping, plugins: Plugins) -> Entry | None:
    """Of a map in which the plugin's key stands beside others: that key. A slip in one of the others is not taken for it."""
    slot = shape.plugin.shape if shape.plugin else None
    known = {member.key for member in shape.members}
    others = [entry for entry in node.entries if entry.key.text not in known]
    if not isinstance(slot, Slot) or not others:
        return None
    free = known - {entry.key.text for entry in node.entries}
    installed = (entry for entry in others if plugins.offers(slot.section, entry.key.text))
    strange = (entry for entry in others[:_MOST_COMPARED] if not meant(entry.key.text, free))
    return next(chain(installed, strange), None)


def note_needs(rule: object, entry: Entry, references: References) -> None:
    """The metrics a rule needs are names in use, wherever its settings hold them; so are clusters. PluginError when it cannot say."""
    try:
        needed = _wants(rule)
    except Exception as error:  # a stranger's code: whatever it raises is its authors' to mend
        problem = f"rule {entry.key.text[:60]!r} cannot say what it needs: {type(error).__name__}: {str(error)[:200]}"
        raise PluginError(ProblemCode.REFUSED, problem, hint="report this to the plugin's authors") from error
    for what, name in needed:
        references.use(what, name, _standing(entry.value, name) or entry.key.mark)


def _wants(rule: object) -> list[tuple[str, str]]:
    """What it names, and what that is the name of: the metrics it needs, or the clusters of workloads it keeps room for.

    A rule that only pools have is asked what it asks for, for that may fail as well.
    """
    if hasattr(rule, "vote"):
        return [("metric", str(need.metric)) for need in cast("Rule", rule).needs()]
    asks: tuple[object, ...] = cast("PoolRule", rule).asks()
    strange = [ask for ask in asks if not isinstance(ask, PoolAsk)]
    if strange:
        raise TypeError(f"placement does not know {type(strange[0]).__name__}")
    return [("cluster", ask.workload.cluster) for ask in asks if isinstance(ask, RoomFor)]


def _standing(node: Node, text: str) -> Mark | None:
    """Where the text stands among the values of a map."""
    values = (entry.value for entry in node.entries) if isinstance(node, Mapping) else ()
    return next((value.mark for value in values if isinstance(value, Scalar) and value.text == text), None)


def _unknown(plugins: Plugins, section: Section, kind: str, *, guess: bool) -> PluginError:
    if section is Section.RULES and plugins.only_of_pools(kind):
        return PluginError(ProblemCode.UNKNOWN_PLUGIN, f"{kind!r} is a rule of pools, not of workloads", hint="put it under a pool's rules")
    kinds = plugins.kinds(section)
    probable = meant(kind, kinds) if guess else None
    advice = f"did you mean {probable!r}?" if probable else f"{_way(plugins, section, kind)};"
    hint = f"{advice} installed: {listed(kinds)}"
    return PluginError(ProblemCode.UNKNOWN_PLUGIN, f"no {section.value} of kind {kind[:60]!r} is installed", hint=hint)


def _way(plugins: Plugins, section: Section, kind: str) -> str:
    """What to install: for rules the distribution that has it, else the extra of its name; a broken provider may be the reason."""
    if section in (Section.RULES, Section.POOL_RULES):
        return "install the distribution that has this rule"
    broken, advice = "; ".join(f"{error} ({error.hint})" for error in plugins.broken()[:3]), remedy(kind)
    return f"{advice}; {broken}" if broken else advice
