"""The roles that Terraform makes may do what the provider's pools are seen to do, and nothing else."""

import json
from collections.abc import Callable, Collection
from dataclasses import replace

import pytest

from autoscaler.errors import NotFoundError, SetupError
from autoscaler_clouds.permissions import Row
from autoscaler_gcp.catalogue_reader import GcpCatalogue, RegionReader
from autoscaler_gcp.inspector import GroupInspector
from autoscaler_standins.gcp.groups import Group, Template
from tests.providers.gcp.pool_stage import E2, PROJECT, REGION, SOON, TOKEN, Stage, regional, staged, zonal
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


def granted(roles: Collection[str], without: str = "") -> May:
    """What whoever has these roles may call."""

    def has(row: Row) -> bool:
        return row.role == "anyone" or (row.permission != without and any(row.permission in ROLES[role] for role in roles))

    return lambda call: any(row.call == call for row in ROWS) and all(has(row) for row in ROWS if row.call == call)


def grow(stage: Stage) -> None:
    stage.writer.grow(seen=2, wanted=3, token=TOKEN)


def shrink(stage: Stage) -> None:
    stage.writer.release(frozenset(stage.there()[:1]), token=TOKEN)


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
}


def walk(may: May) -> tuple[set[str], set[str]]:
    """All that the provider does, once for each kind of group: the steps that were refused, and the calls."""
    refused, asked = set[str](), set[str]()
    for kind, made in GROUPS.items():
        with staged(made()) as stage:
            stage.served.may = may
            refused |= {f"{name}, {kind}" for name, step in STEPS.items() if not done(step, stage)}
            asked |= stage.served.asked
    return refused, asked


def done(step: Callable[[Stage], object], stage: Stage) -> bool:
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
    assert {*ROLES[role]} == {row.permission for row in ROWS if row.role == role}


def test_the_actor_is_refused_nothing_and_uses_each_row() -> None:
    refused, asked = walk(granted(["observer", "actor"]))
    assert refused == set()
    assert (unmapped(ROWS, asked), unused(ROWS, asked)) == (set(), set())


def test_the_observer_sees_all_and_changes_nothing() -> None:
    refused, _ = walk(granted(["observer"]))
    assert refused == {f"{step}, {kind}" for step in ("grow", "shrink") for kind in GROUPS}


def test_a_permission_that_is_taken_away_is_missed() -> None:
    refused, _ = walk(granted(["observer", "actor"], without="compute.machineTypes.get"))
    assert "look, zonal" in refused


def test_every_row_says_which_page_it_is_from() -> None:
    assert [row for row in ROWS if not row.page.startswith("https://cloud.google.com/")] == []
    assert len(set(ROWS)) == len(ROWS)
