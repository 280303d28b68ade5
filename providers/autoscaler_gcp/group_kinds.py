"""What a group makes its machines from: templates and machine types. Neither ever changes, so each is asked for once."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from autoscaler.contracts.catalogue import Catalogues
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Cpu, Instant, Memory
from autoscaler.model.refs import OfferingName
from autoscaler_clouds.kinds import Furnishing, KindSpec, Place, called
from autoscaler_clouds.sold import NO_CARDS, Cards, Kinds, Lot
from autoscaler_gcp.group_api import GroupApi, Time
from autoscaler_gcp.groups import templates_of
from autoscaler_gcp.pool_settings import GcpPool

if TYPE_CHECKING:
    from google.cloud import compute_v1

NO_MORE = Instant(253_402_300_799_000)
"""The last second of the year 9999: from an old template nothing is made again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """Machines alike: of any of `kinds`, in one zone, or in any where that is the group's to choose."""

    kinds: tuple[str, ...]
    zone: str
    spot: bool
    gpus: Cards = NO_CARDS

    @property
    def kind(self) -> str:
        """What they are called."""
        return called(self.kinds)

    @property
    def place(self) -> Place:
        """Where, and by which market."""
        return Place(zone=self.zone, spot=self.spot)

    @property
    def offering(self) -> OfferingName:
        """What they are of."""
        return self.place.name(self.kind)


class GroupKinds:
    """Of one group, as far as they were met."""

    def __init__(self, settings: GcpPool, api: GroupApi, catalogues: Catalogues) -> None:
        self._api = api
        self._region = settings.region or settings.zone.rpartition("-")[0]
        self._kinds = Kinds("gcp", settings.types, catalogues)
        self._templates: dict[str, compute_v1.InstanceTemplate] = {}

    def to_come(self, group: "compute_v1.InstanceGroupManager", time: Time) -> Shelf:
        """Of what it would launch now."""
        urls = [one.instance_template for one in group.versions if one.instance_template] or [group.instance_template]
        shelves = [self._shelf(group, url, time) for url in urls]
        kinds = tuple(dict.fromkeys(kind for shelf in shelves for kind in shelf.kinds))
        return replace(shelves[0], kinds=kinds, spot=any(shelf.spot for shelf in shelves))

    def here(
        self, group: "compute_v1.InstanceGroupManager", members: "Iterable[compute_v1.ManagedInstance]", time: Time
    ) -> Mapping[str, Shelf]:
        """Of its members, by template; what it would launch now is one with what it makes from each of its present templates."""
        now = self.to_come(group, time)
        present = templates_of(group)
        used = {one.version.instance_template for one in members} | present
        return {url: now if url in present else self._shelf(group, url, time) for url in used if url}

    def offerings(
        self, shelves: Sequence[Shelf], nodes: Furnishing, sold_out_until: Instant, zones: Sequence[str], time: Time
    ) -> Iterator[Offering]:
        """Of each shelf; only from the last anything comes. `zones`: of the group; in the first its machine types are asked for."""
        for place, shelf in enumerate(shelves):
            for name in self._kinds.lacking(shelf.kinds, self._region):
                self._kinds.learn({name: kind_of(self._api.kind(name, zones[0], time))})
            last = place == len(shelves) - 1
            lot = Lot(
                kinds=shelf.kinds,
                called=shelf.kind,
                region=self._region,
                zones=(shelf.zone,) if shelf.zone else zones,
                place=shelf.place,
                cards=shelf.gpus,
            )
            yield self._kinds.offered(lot, nodes, sold_out_until if last else NO_MORE)

    def _shelf(self, group: "compute_v1.InstanceGroupManager", url: str, time: Time) -> Shelf:
        properties = self._template(url, time).properties
        cards = [(one.accelerator_type.rpartition("/")[2], one.accelerator_count) for one in properties.guest_accelerators]
        return Shelf(
            kinds=flexible(group) or (properties.machine_type.rpartition("/")[2],),
            zone=sure_zone(group),
            spot=properties.scheduling.provisioning_model == "SPOT" or properties.scheduling.preemptible,
            gpus=cards[0] if cards else ("", 0),
        )

    def _template(self, url: str, time: Time) -> "compute_v1.InstanceTemplate":
        if url not in self._templates:
            self._templates[url] = self._api.template(url, time)
        return self._templates[url]


def flexible(group: "compute_v1.InstanceGroupManager") -> tuple[str, ...]:
    """Machine types of its flexibility policy, best rank first; empty where its template names the one."""
    selections = sorted(group.instance_flexibility_policy.instance_selections.values(), key=lambda one: one.rank)
    return tuple(dict.fromkeys(kind for one in selections for kind in one.machine_types))


def zones_of(group: "compute_v1.InstanceGroupManager") -> tuple[str, ...]:
    """Where its machines may be."""
    found = [one.zone for one in group.distribution_policy.zones] or [group.zone]
    return tuple(sorted(url.rpartition("/")[2] for url in found))


def sure_zone(group: "compute_v1.InstanceGroupManager") -> str:
    """The only one; none where the group chooses: createInstances takes no zone."""
    zones = zones_of(group)
    return zones[0] if len(zones) == 1 else ""


def kind_of(found: "compute_v1.MachineType") -> KindSpec:
    """What Google says of a machine type; it says no price."""
    cards = [(one.guest_accelerator_type, one.guest_accelerator_count) for one in found.accelerators]
    return KindSpec(
        name=found.name,
        cpu=Cpu(found.guest_cpus * 1000),
        memory=Memory(found.memory_mb * 2**20),
        gpus=sum(count for _, count in cards),
        gpu=cards[0][0] if cards else "",
    )
