"""The roles that Terraform makes may do what the provider's pools are seen to do, and nothing else."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace
from typing import TypeVar

import pytest

from autoscaler.errors import NotFoundError, SetupError
from autoscaler.model.refs import Token
from autoscaler_clouds.permissions import Row
from autoscaler_gcp.catalogue_reader import GcpCatalogue, RegionReader
from autoscaler_gcp.inspector import GroupInspector
from autoscaler_standins.gcp.endpoints import Endpoint
from autoscaler_standins.gcp.groups import Group, Template
from autoscaler_standins.gcp.standby import Standby
from tests.providers.gcp import group_traffic_stage
from tests.providers.gcp.group_traffic_stage import GroupStage
from tests.providers.gcp.notice_stage import NoticeStage
from tests.providers.gcp.notice_stage import staged as told
from tests.providers.gcp.pool_stage import E2, PROJECT, REGION, SOON, TOKEN, ZONES, Stage, regional, staged, zonal
from tests.providers.gcp.traffic_stage import ONE, TWO, WEB, TrafficStage, groups
from tests.providers.gcp.traffic_stage import staged as in_front
from tests.providers.granted import MODULES, table, unmapped, unused
from tests.providers.hurried import hurried, unheard

ROWS = table("gcp")
ROLES: dict[str, list[str]] = json.loads((MODULES / "gcp-roles" / "tests" / "roles.json").read_text())
"""Permissions by role, as the module makes them, which its own tests hold it to."""


def everywhere() -> Group:
    """Over a region, by a template of that region."""
    return replace(regional(), template=Template(name="r", kind=E2.name, region=REGION))


GROUPS = {"zonal": zonal, "regional": everywhere}
May = Callable[[str], bool]
T = TypeVar("T")


def granted(roles: Collection[str], without: str = "") -> May:
    """What whoever has these roles may call."""

    def has(row: Row) -> bool:
        held = [ROLES[role if row.on == "project" else f"{role}-{row.on}"] for role in roles if role in ROLES]
        return row.role == "anyone" or (row.permission != without and any(row.permission in one for one in held))

    return lambda call: any(row.call == call for row in ROWS) and all(has(row) for row in ROWS if row.call == call)


def grow(stage: Stage) -> None:
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)


def shrink(stage: Stage) -> None:
    stage.writer.release(frozenset(stage.there()[:1]), token=TOKEN)


def start(stage: Stage, *, refills: bool = False) -> None:
    stage.group.standby = Standby(stopped=1, suspended=1, refills=refills)
    stage.settle()
    stage.settle()
    now = stage.look().wanted
    stage.writer.grow(seen=now, wanted=now + 2, token=Token(f"{refills}"))


def read_catalogue(stage: Stage) -> None:
    url = stage.settings.url
    found = RegionReader(GcpCatalogue(project=PROJECT, region=REGION, url=url, billing_url=url), hurried()).read(unheard)
    for lacking in found.lacking:
        raise lacking


def look_behind(stage: Stage) -> None:
    """Whatever is refused is told as not known, or as broken."""
    for one in GroupInspector(stage.settings, stage.site).examine(SOON):
        if "HTTP 403" in one.says:
            raise SetupError(one.says, hint=one.hint)


STEPS: dict[str, Callable[[Stage], object]] = {
    "look": Stage.look,
    "look behind": look_behind,
    "read the catalogue": read_catalogue,
    "grow": grow,
    "shrink": shrink,
    "start what stands by": start,
    "start what stands by, refilled by Google": lambda stage: start(stage, refills=True),
}


CHANGES = ("grow", "shrink", "start what stands by", "start what stands by, refilled by Google")


def leave(front: TrafficStage) -> None:
    """Somebody who is in rotation, whoever may have put him there."""
    group = front.cloud.endpoints.all[ZONES[1], "web"]
    machine = front.cloud.machines.at("10.0.0.2")
    assert machine is not None
    group.endpoints["10.0.0.2", 8080] = Endpoint(machine.id, front.cloud.clock.now())
    front.writer.leave(WEB, (TWO,))


FRONT: dict[str, Callable[[TrafficStage], object]] = {
    "look at a rotation": TrafficStage.look,
    "put into rotation": lambda front: front.writer.join(WEB, (ONE,)),
    "take out of rotation": leave,
    "look at who is in": TrafficStage.look,
}


def leave_group(front: GroupStage) -> None:
    """As `leave`."""
    machine = front.cloud.machines.at("10.0.0.2")
    assert machine is not None
    front.cloud.instance_groups.all[machine.zone, f"web-{machine.zone[-1]}"].members[machine.id] = front.cloud.clock.now()
    front.writer.leave(WEB, (TWO,))


BEHIND: dict[str, Callable[[GroupStage], object]] = {
    "look at a rotation": GroupStage.look,
    "put into rotation": lambda front: front.writer.join(WEB, (ONE,)),
    "take out of rotation": leave_group,
}


def drop(queue: NoticeStage) -> None:
    """What came before."""
    queue.tell("machine-1")
    queue.served.may, may = (lambda _: True), queue.served.may
    letters = queue.queue.take(SOON)
    queue.served.may = may
    queue.queue.drop(letters)


QUEUE: dict[str, Callable[[NoticeStage], object]] = {
    "look at notices": lambda queue: queue.reader.waiting(SOON),
    "take notices": lambda queue: queue.queue.take(SOON),
    "drop notices": drop,
}


def walk(may: May) -> tuple[set[str], set[str]]:
    """All that the provider does, once for each kind of group and service: the steps that were refused, and the calls."""
    refused, asked = set[str](), set[str]()
    for kind, made in GROUPS.items():
        with staged(made()) as stage:
            stage.served.may = may
            refused |= {f"{name}, {kind}" for name, step in STEPS.items() if not done(step, stage)}
            asked |= stage.served.asked
    for region in ("", REGION):
        with in_front(*groups(region=region)) as front:
            front.served.may = may
            refused |= {name for name, step in FRONT.items() if not done(step, front)}
            asked |= front.served.asked
        with group_traffic_stage.staged(*group_traffic_stage.groups(region=region), region=region) as behind:
            behind.served.may = may
            refused |= {name for name, step in BEHIND.items() if not done(step, behind)}
            asked |= behind.served.asked
    with told() as queue:
        queue.served.may = may
        refused |= {name for name, step in QUEUE.items() if not done(step, queue)}
        asked |= queue.served.asked
    return refused, asked


def done(step: Callable[[T], object], stage: T) -> bool:
    """Whether it was let do it."""
    try:
        step(stage)
    except NotFoundError:
        raise
    except SetupError:
        return False
    return True


@pytest.mark.parametrize("role", ["observer", "actor"])
def test_each_role_is_the_union_of_its_rows(role: str) -> None:
    made = {(permission, name) for name, permissions in ROLES.items() for permission in permissions if name.partition("-")[0] == role}
    assert made == {(row.permission, role if row.on == "project" else f"{role}-{row.on}") for row in ROWS if row.role == role}


def test_the_actor_is_refused_nothing_and_uses_each_row() -> None:
    refused, asked = walk(granted(["observer", "actor"]))
    assert refused == set()
    assert (unmapped(ROWS, asked), unused(ROWS, asked)) == (set(), set())


def test_the_observer_sees_all_and_changes_nothing() -> None:
    refused, _ = walk(granted(["observer"]))
    changes = {f"{step}, {kind}" for step in CHANGES for kind in GROUPS}
    assert refused == changes | {"put into rotation", "take out of rotation", "take notices", "drop notices"}


def test_a_permission_that_is_taken_away_is_missed() -> None:
    refused, _ = walk(granted(["observer", "actor"], without="compute.machineTypes.get"))
    assert "look, zonal" in refused
    assert "look at a rotation" not in refused


def test_every_row_says_which_page_it_is_from() -> None:
    assert [row for row in ROWS if not row.page.startswith("https://cloud.google.com/")] == []
    assert len(set(ROWS)) == len(ROWS)
