"""Grows and shrinks the workers of a lab. Returns at once: detached keepers do the work, and `observe` shows it."""

from collections.abc import Callable

from autoscaler.contracts.provider import Site
from autoscaler.errors import NotFoundError
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_lab import commands, fleet, keeper
from autoscaler_lab.pool_reader import ENGINE
from autoscaler_lab.settings import LabPool


class LabPoolWriter:
    """The workers of one lab."""

    def __init__(
        self,
        settings: LabPool,
        site: Site,
        *,
        check: Callable[[], None] = commands.check_machine,
        spawn: fleet.Spawn = keeper.spawn,
    ) -> None:
        """`check` says whether this machine can start engines, `spawn` sets to work on one."""
        self._settings = settings
        self._site = site
        self._check = check
        self._spawn = spawn

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """Reserves names first, so a crash at any point and a repeat launch no more than `wanted`."""
        if offering not in (None, ENGINE):
            raise NotFoundError(f"a lab has no offering {offering!r}", hint=f"its one offering is {ENGINE!r}")
        self._check()
        spec, runtime = self._settings.lab(), self._site.runtime
        fleet.reserve(spec, fleet.WORKERS, seen=seen, wanted=wanted, token=token, runtime=runtime, spawn=self._spawn)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """Each engine leaves the Swarm, stops, and takes its namespace and data with it."""
        self._check()
        known = fleet.of_group(fleet.members(self._settings.lab(), self._site.runtime), fleet.WORKERS)
        meant = [one for one in known if InstanceRef(one.paths.name, one.reservation.incarnation) in gone]
        fleet.release(meant, token, self._site.runtime, self._spawn)
