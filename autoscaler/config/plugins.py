"""What is installed: rules and providers by entry point, loaded when a file names them and not before."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, is_dataclass
from typing import Any, TypeVar, cast

from autoscaler.config.markers import Section
from autoscaler.contracts.catalogue import CatalogueReader
from autoscaler.contracts.inspection import Inspector
from autoscaler.contracts.metrics_reader import MetricsReader
from autoscaler.contracts.notice_reader import NoticeReader
from autoscaler.contracts.orchestrator_reader import OrchestratorReader
from autoscaler.contracts.pool_reader import PoolReader
from autoscaler.contracts.provider import Entry, Provider, Site
from autoscaler.contracts.rule import PoolRule, Rule
from autoscaler.contracts.traffic_reader import TrafficReader
from autoscaler.errors import SetupError

Loaded = TypeVar("Loaded")
OBJECTS = (Section.CLUSTERS, Section.POOLS, Section.TRAFFIC, Section.SOURCES, Section.NOTICES)
"""Sections whose kinds providers offer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plugin:
    """One entry point: its name, the distribution it came with, and how to import it. `remedy`: what to do when that fails."""

    name: str
    distribution: str
    load: Callable[[], object]
    remedy: str

    def __str__(self) -> str:
        return f"{self.name!r} of {self.distribution}"


class Plugins:
    """The installed plugins by name. Knowing the names imports nothing; a broken one hurts only who asks for it."""

    def __init__(self, *, rules: Iterable[Plugin] = (), pool_rules: Iterable[Plugin] = (), providers: Iterable[Plugin] = ()) -> None:
        self._rules = {plugin.name: plugin for plugin in rules}
        self._pool_rules = {plugin.name: plugin for plugin in pool_rules}
        self._providers = {plugin.name: plugin for plugin in providers}
        self._loaded: dict[Plugin, object] = {}

    @property
    def providers(self) -> tuple[str, ...]:
        """Names of the installed providers, loaded or not."""
        return tuple(sorted(self._providers))

    def kinds(self, section: Section) -> tuple[str, ...]:
        """What may be named in a section; for other than rules, all providers are loaded, broken ones left out."""
        if section is Section.RULES:
            return tuple(sorted(self._rules))
        if section is Section.POOL_RULES:
            return tuple(sorted({*self._rules, *self._pool_rules}))
        return tuple(sorted({kind for provider in self._working() for kind in _entries(provider, section)}))

    def offers(self, section: Section, kind: str) -> bool:
        """Whether `kinds` has it. The provider of that very name is asked first: then no other need be imported."""
        if section in OBJECTS and kind in self._providers:
            own = self._outcome(self._providers[kind], _check_provider)
            if isinstance(own, Provider) and kind in _entries(own, section):
                return True
        return kind in self.kinds(section)

    def settings(self, section: Section, kind: str) -> type[object] | None:
        """The dataclass that holds the settings of `kind`; None if nothing installed offers it, SetupError if that is broken."""
        if section is Section.POOL_RULES and self.only_of_pools(kind):
            return self.pool_rule(kind)
        if section in (Section.RULES, Section.POOL_RULES):
            return self.rule(kind) if kind in self._rules else None
        entry = self._find(section, kind)
        return entry.config if entry else None

    def rule(self, name: str) -> type[Rule]:
        """The rule's class; SetupError if there is none, or it is broken."""
        if name not in self._rules:
            raise SetupError(f"no rule {name!r} is installed", hint=f"installed: {', '.join(sorted(self._rules)) or 'none'}")
        return cast("type[Rule]", self._load(self._rules[name], _check_rule))

    def pool_rule(self, name: str) -> type[PoolRule]:
        """The class of a rule that only pools have; KeyError without one, SetupError if it is broken."""
        return cast("type[PoolRule]", self._load(self._pool_rules[name], _check_pool_rule))

    def only_of_pools(self, name: str) -> bool:
        """Whether it is a rule that no workload can have."""
        return name in self._pool_rules and name not in self._rules

    def provider(self, name: str) -> Provider:
        """A provider by its own name; SetupError as for rules."""
        if name not in self._providers:
            raise SetupError(f"no provider {name!r} is installed", hint=remedy(name))
        return cast("Provider", self._load(self._providers[name], _check_provider))

    def orchestrator(self, kind: str) -> Entry[OrchestratorReader]:
        """The entry behind `clusters: {shop: {kind: …}}`; SetupError if nothing offers it."""
        return cast("Entry[OrchestratorReader]", self._entry(Section.CLUSTERS, kind))

    def pool(self, kind: str) -> Entry[PoolReader]:
        """The entry behind a pool's kind; SetupError as above."""
        return cast("Entry[PoolReader]", self._entry(Section.POOLS, kind))

    def traffic(self, kind: str) -> Entry[TrafficReader]:
        """The entry behind a traffic's kind; SetupError as above."""
        return cast("Entry[TrafficReader]", self._entry(Section.TRAFFIC, kind))

    def notices(self, kind: str) -> Entry[NoticeReader]:
        """The entry behind the kind of a queue of notices; SetupError as above."""
        return cast("Entry[NoticeReader]", self._entry(Section.NOTICES, kind))

    def source(self, kind: str) -> Entry[MetricsReader]:
        """The entry behind a source's kind; SetupError as above."""
        return cast("Entry[MetricsReader]", self._entry(Section.SOURCES, kind))

    def catalogue(self, cloud: str) -> Entry[CatalogueReader]:
        """How the region of a cloud is read; SetupError as above."""
        found = self.provider(cloud).catalogue
        if found is None:
            raise SetupError(f"the provider {cloud} tells of nothing that is sold", hint=f"those that do: {', '.join(self.sellers())}")
        return found

    def sellers(self) -> tuple[str, ...]:
        """Clouds whose regions can be read."""
        return tuple(provider.name for provider in self._working() if provider.catalogue)

    def usage(self, kind: str, settings: object, site: Site) -> MetricsReader | None:
        """The built-in metrics of an orchestrator kind, opened; None where it has none."""
        providers = (found for found in self._working() if kind in found.orchestrators)
        opener = next((found.usage[kind] for found in providers if kind in found.usage), None)
        return opener(settings, site) if opener else None

    def inspector(self, kind: str, settings: object, site: Site) -> Inspector | None:
        """Who looks at pools of a kind; None where nobody does."""
        opener = next((found.inspections[kind] for found in self._working() if kind in found.inspections), None)
        return opener(settings, site) if opener else None

    def _entry(self, section: Section, kind: str) -> Entry[Any]:
        entry = self._find(section, kind)
        if entry is None:
            raise SetupError(f"no installed provider offers the {section.value} {kind!r}", hint=remedy(kind))
        return entry

    def _find(self, section: Section, kind: str) -> Entry[Any] | None:
        """Ask the provider of that very name first: then no other need be imported."""
        if kind in self._providers:
            own = _entries(self.provider(kind), section)
            if kind in own:
                return own[kind]
        offers = (_entries(provider, section) for provider in self._working())
        return next((entries[kind] for entries in offers if kind in entries), None)

    def broken(self) -> tuple[SetupError, ...]:
        """Why each provider that cannot be loaded cannot."""
        outcomes = (self._outcome(self._providers[name], _check_provider) for name in self.providers)
        return tuple(error for error in outcomes if isinstance(error, SetupError))

    def _working(self) -> tuple[Provider, ...]:
        outcomes = (self._outcome(self._providers[name], _check_provider) for name in self.providers)
        return tuple(found for found in outcomes if isinstance(found, Provider))

    def _load(self, plugin: Plugin, check: Callable[[Plugin, object], object]) -> object:
        outcome = self._outcome(plugin, check)
        if isinstance(outcome, SetupError):
            raise SetupError(str(outcome), hint=outcome.hint) from outcome
        return outcome

    def _outcome(self, plugin: Plugin, check: Callable[[Plugin, object], object]) -> object:
        """The plugin, or the SetupError it ends in; importing is tried once."""
        if plugin not in self._loaded:
            self._loaded[plugin] = _loaded(plugin, check)
        return self._loaded[plugin]


def remedy(name: str) -> str:
    """How to come by a provider that is not there."""
    return f"if a provider of that name exists: pip install 'poolkeeper[{name[:40]}]'"


def _loaded(plugin: Plugin, check: Callable[[Plugin, object], object]) -> object:
    try:
        return check(plugin, plugin.load())
    except SetupError as error:
        return error
    except Exception as error:  # noqa: BLE001 - importing runs a stranger's code, and the other plugins must go on
        problem = f"plugin {plugin} cannot be loaded: {type(error).__name__}: {str(error)[:200]}"
        failure = SetupError(problem, hint=plugin.remedy)
        failure.__cause__ = error
        return failure


def _entries(provider: Provider, section: Section) -> Mapping[str, Entry[Any]]:
    match section:
        case Section.CLUSTERS:
            return provider.orchestrators
        case Section.POOLS:
            return provider.pools
        case Section.TRAFFIC:
            return provider.traffic
        case Section.NOTICES:
            return provider.notices
        case _:
            return provider.sources


def _check_provider(plugin: Plugin, found: object) -> Provider:
    if not isinstance(found, Provider):
        problem = f"plugin {plugin} is no Provider: its entry point leads to {_kind(found)}"
        raise SetupError(problem, hint="let the entry point name an autoscaler.contracts.provider.Provider")
    for section in OBJECTS:
        for kind, entry in _entries(found, section).items():
            _check_settings(plugin, kind, entry.config)
    return found


def _check_rule(plugin: Plugin, found: object) -> type[object]:
    return _checked_rule(plugin, found, ("needs", "vote"), "Rule")


def _check_pool_rule(plugin: Plugin, found: object) -> type[object]:
    return _checked_rule(plugin, found, ("asks",), "PoolRule")


def _checked_rule(plugin: Plugin, found: object, methods: tuple[str, ...], contract: str) -> type[object]:
    if not isinstance(found, type):
        raise SetupError(f"plugin {plugin} is no rule: its entry point leads to {_kind(found)}", hint="let it name the rule's class")
    lacking = [method for method in methods if not callable(getattr(found, method, None))]
    if lacking:
        raise SetupError(f"plugin {plugin} is no rule: it lacks {' and '.join(lacking)}", hint=f"see autoscaler.contracts.rule.{contract}")
    _check_settings(plugin, plugin.name, found)
    return found


def _check_settings(plugin: Plugin, kind: str, config: object) -> None:
    frozen = isinstance(config, type) and is_dataclass(config) and getattr(config, "__dataclass_params__").frozen  # noqa: B009
    if not frozen:
        problem = f"plugin {plugin}: the settings of {kind!r} are no frozen dataclass"
        raise SetupError(problem, hint="write @dataclass(frozen=True, slots=True, kw_only=True) above the class")


def _kind(found: object) -> str:
    return found.__name__ if isinstance(found, type) else f"a {type(found).__name__}"
