"""Nodes to typed values, by their shapes. Every problem is noted with its place, and binding goes on."""

from dataclasses import dataclass, field
from typing import Final

from autoscaler.config.markers import Section
from autoscaler.config.names import listed, meant
from autoscaler.config.places import Mark
from autoscaler.config.plugins import Plugins
from autoscaler.config.problems import ProblemCode, Problems
from autoscaler.config.references import References
from autoscaler.config.scalar_binding import bind_scalar, suits
from autoscaler.config.scalars import described
from autoscaler.config.shapes import AnyOf, Chosen, Many, Member, Named, Nothing, Record, Shape, Slot, advice, wanted
from autoscaler.config.slots import PluginError, find_settings, note_needs, plugin_entry
from autoscaler.config.yaml_nodes import Entry, Listing, Mapping, Node, Scalar
from autoscaler.errors import PolicyError


class Failed:
    """What stands for a value that could not be bound; the reason is among the problems."""


FAILED: Final = Failed()


@dataclass(slots=True)
class Binder:
    """Binds the nodes of all files with one set of plugins; collects problems, and the names it meets."""

    plugins: Plugins
    problems: Problems = field(default_factory=Problems)
    references: References = field(default_factory=References)

    def bind(self, shape: Shape, node: Node, at: Mark) -> object:
        """The value of `node`, or FAILED. `at`: the key or dash it stands behind, where what is missing is reported."""
        match shape:
            case Record():
                return self._record(shape, node, at)
            case Named():
                return self._named(shape, node)
            case Many():
                return self._many(shape, node)
            case Slot():
                return self._slot(shape, node, at)
            case AnyOf():
                return self._any_of(shape, node, at)
            case _:
                return self._scalar(shape, node)

    def _scalar(self, shape: Shape, node: Node) -> object:
        try:
            return bind_scalar(shape, node, self.references)
        except PolicyError as error:
            code = getattr(error, "code", ProblemCode.WRONG_VALUE)
            if getattr(shape, "sensitive", False):
                self.problems.hide(node.mark, 1 + _breaks(node))
            return self._fail(code, node.mark, str(error), error.hint)

    def _any_of(self, shape: AnyOf, node: Node, at: Mark) -> object:
        fitting = next((each for each in shape.shapes if suits(each, node)), None)
        concrete = [each for each in shape.shapes if not isinstance(each, Nothing)]
        if fitting is None and len(concrete) == 1:
            fitting = concrete[0]
        if fitting is None:
            return self._mismatch(shape, node)
        return self.bind(fitting, node, at)

    def _many(self, shape: Many, node: Node) -> object:
        if not isinstance(node, Listing):
            return self._mismatch(shape, node)
        if len(node.items) < shape.least:
            return self._fail(ProblemCode.WRONG_VALUE, node.mark, "the list is empty", "add to it, or remove the key")
        values = [self.bind(shape.item, item, item.mark) for item in node.items]
        return FAILED if FAILED in values else tuple(values)

    def _named(self, shape: Named, node: Node) -> object:
        if not isinstance(node, Mapping):
            return self._mismatch(shape, node)
        if len(node.entries) < shape.least:
            return self._fail(ProblemCode.WRONG_VALUE, node.mark, "the map is empty", "add to it, or remove the key")
        pairs = [(self._name(shape, entry.key), self.bind(shape.value, entry.value, entry.key.mark)) for entry in node.entries]
        if any(FAILED in pair for pair in pairs):
            return FAILED
        return tuple(sorted(pairs, key=str)) if shape.pairs else dict(pairs)

    def _name(self, shape: Named, key: Scalar) -> object:
        """A key is text, whatever it looks like."""
        return self._scalar(shape.key, Scalar(key.mark, key.text, plain=False))

    def _record(self, shape: Record, node: Node, at: Mark) -> object:
        if not isinstance(node, Mapping):
            return self._mismatch(shape, node)
        before = self.problems.count
        chosen = plugin_entry(shape, node, self.plugins) if shape.plugin else None
        known = {member.key: member for member in shape.members}
        unknown = [entry for entry in node.entries if entry.key.text not in known and entry is not chosen]
        free = known.keys() - {entry.key.text for entry in node.entries}
        guessed = {self._unknown(shape, free, entry) for entry in unknown}
        self._missing(shape, node, at, guessed)
        values = {
            known[entry.key.text].field: self.bind(known[entry.key.text].shape, entry.value, entry.key.mark)
            for entry in node.entries
            if entry.key.text in known
        }
        if shape.plugin:
            values[shape.plugin.field] = self._beside(shape, shape.plugin, chosen, at, told=bool(unknown))
        if self.problems.count > before or FAILED in values.values():
            return FAILED
        return self._make(shape, node, at, values)

    def _unknown(self, shape: Record, free: set[str], entry: Entry) -> str | None:
        """Tell of a key that is not known here; which of the `free` ones, not given yet, it probably means is returned."""
        guess = meant(entry.key.text, free) if self.problems.guessing else None
        every = listed(member.key for member in shape.members)
        hint = f"did you mean {guess!r}?" if guess else f"remove it; what may stand here: {every}"
        self._fail(ProblemCode.UNKNOWN_KEY, entry.key.mark, f"unknown key {entry.key.text[:60]!r}", hint)
        return guess

    def _missing(self, shape: Record, node: Mapping, at: Mark, guessed: set[str | None]) -> None:
        for member in shape.members:
            if member.required and node.get(member.key) is None and member.key not in guessed:
                hint = f"add `{member.key}:` ({advice(member.shape)})"
                self._fail(ProblemCode.MISSING_KEY, at, f"{member.key!r} is missing", hint)
        given = [entry for key in shape.one_of if (entry := node.get(key))]
        if shape.one_of and not given and not guessed & set(shape.one_of):
            self._fail(ProblemCode.MISSING_KEY, at, f"one of {_either(shape)} is missing", f"add {_either(shape)}")
        if len(given) > 1:
            last = max((entry.key.mark for entry in given), key=lambda mark: (mark.line, mark.column))
            self._fail(ProblemCode.WRONG_VALUE, last, f"only one of {_either(shape)} may be given", "remove one of the two")

    def _make(self, shape: Record, node: Mapping, at: Mark, values: dict[str, object]) -> object:
        """The dataclass; what its own checks refuse is told at the key they speak of."""
        try:
            return shape.kind(**values)
        except PolicyError as error:
            return self._fail(ProblemCode.REFUSED, _blamed(str(error), node, at), str(error), error.hint)
        except Exception as error:  # noqa: BLE001 - a plugin's own check may fail in any way, and no file may end in a traceback
            problem = f"{shape.kind.__name__} refuses this: {type(error).__name__}: {str(error)[:200]}"
            return self._fail(ProblemCode.REFUSED, at, problem, "check the values, and report this to the plugin's authors")

    def _slot(self, shape: Slot, node: Node, at: Mark) -> object:
        if not isinstance(node, Mapping):
            return self._mismatch(shape, node)
        if len(node.entries) != 1:
            found = ", ".join(repr(entry.key.text[:40]) for entry in node.entries[:5]) or "none"
            problem = f"one key must name the {shape.section.value}, found {found}"
            where = node.entries[1].key.mark if node.entries else at
            return self._fail(ProblemCode.WRONG_VALUE, where, problem, self._installed(shape))
        return self._chosen(shape, node.entries[0])

    def _beside(self, shape: Record, plugin: Member, entry: Entry | None, at: Mark, *, told: bool) -> object:
        slot = plugin.shape
        if entry is not None and isinstance(slot, Slot):
            return self._chosen(slot, entry)
        if told or not isinstance(slot, Slot):
            return FAILED
        keys = {member.key for member in shape.members}
        problem = f"a key that names the {slot.section.value} is missing beside {listed(keys)}"
        return self._fail(ProblemCode.MISSING_KEY, at, problem, self._installed(slot))

    def _chosen(self, shape: Slot, entry: Entry) -> object:
        try:
            settings = find_settings(self.plugins, shape.section, entry.key.text, guess=self.problems.guessing)
            value = self.bind(settings, entry.value, entry.key.mark)
            if value is not FAILED and shape.section in (Section.RULES, Section.POOL_RULES):
                note_needs(value, entry, self.references)
        except PluginError as error:
            return self._fail(error.code, entry.key.mark, str(error), error.hint)
        return FAILED if value is FAILED else Chosen(kind=entry.key.text, settings=value)

    def _installed(self, shape: Slot) -> str:
        return f"write one of {listed(self.plugins.kinds(shape.section))}, then its settings, as in `name: {{…}}`"

    def _mismatch(self, shape: Shape, node: Node) -> Failed:
        problem = f"{wanted(shape)} is wanted here, found {described(node)}"
        return self._fail(ProblemCode.WRONG_TYPE, node.mark, problem, advice(shape))

    def _fail(self, code: ProblemCode, at: Mark, problem: str, hint: str) -> Failed:
        self.problems.add(code, at, problem, hint)
        return FAILED


def _either(shape: Record) -> str:
    return " and ".join(f"`{key}`" for key in shape.one_of)


def _breaks(node: Node) -> int:
    return node.text.count("\n") if isinstance(node, Scalar) else 0


def _blamed(problem: str, node: Mapping, at: Mark) -> Mark:
    """The value of the key that a dataclass's own complaint names or quotes; else `at`."""
    words = set(problem.replace("'", " ").replace("`", " ").split())
    for entry in node.entries:
        quoted = isinstance(entry.value, Scalar) and entry.value.text and repr(entry.value.text[:40])[:-1] in problem
        if quoted or entry.key.text in words:
            return entry.value.mark
    return at
