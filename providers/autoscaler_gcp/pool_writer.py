"""Grows a managed instance group by members that stand by, then by members with names of our own, and shrinks it by name.

The names come of the token: a repeat finds them taken. Google goes on trying to make what it has no capacity for, so what it lacks is given
back at once, and the count is true.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import TYPE_CHECKING, TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.errors import AutoscalerError, ConflictError, NoCapacityError, NotFoundError, OutcomeUnknownError, SetupError
from autoscaler.model.quantities import Duration
from autoscaler.model.refs import InstanceRef, OfferingName, Token
from autoscaler_clouds.signing import signing_in_anew
from autoscaler_gcp.calls import LATER, LONGEST, QUOTA_HINT
from autoscaler_gcp.compute_clients import READ_WRITE
from autoscaler_gcp.group_api import GroupApi, Time
from autoscaler_gcp.group_changes import GroupChanges, names_of, parts
from autoscaler_gcp.group_kinds import GroupKinds
from autoscaler_gcp.groups import ENDED, active, base_of, code_of, count_of, going, over_quota, ref_of, sold_out, starts, words_of
from autoscaler_gcp.pool_settings import GcpPool
from autoscaler_gcp.standby import ready, refills, suspended

if TYPE_CHECKING:
    from google.cloud import compute_v1

T = TypeVar("T")
WITHIN = Duration(8000)
"""For all of one grow or release: less than the engine waits for a call."""

FIRST_PAUSE, LONGEST_PAUSE = Duration(500), Duration(2000)
"""Between two looks at what was asked for."""

TAKEN = "ALREADY_EXISTS"
STARTS = (".startInstances", ".resumeInstances")


class GroupWriter:
    """One group."""

    def __init__(self, settings: GcpPool, site: Site) -> None:
        self._settings = settings
        self._runtime = site.runtime
        self._api = GroupApi(settings, READ_WRITE)
        self._changes = GroupChanges(self._api)
        self._kinds = GroupKinds(settings, self._api, site.catalogues)

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        """Those that stand by, then names that the token gives; then looks for some seconds whether Google has what it takes."""
        time = self._time()
        every, group = self._read(lambda: (self._api.members(time), self._api.group(time)))
        members = active(every)
        names = names_of(base_of(group), token, wanted - seen)
        known = bool({one.name for one in members}.intersection(names))
        if not known:
            if not _to_grow(count_of(group, members), seen, wanted, group.name):
                return
            self._read(lambda: self._check_offering(group, offering, time))
            waiting = ready(group, every)[: wanted - seen]
            names = names[len(waiting) :]
            starts = self._starts(group, waiting, token, time)
            known = self._send([*starts, *(partial(self._changes.create, part, token, time) for part in parts(names))], time)
        self._look(_Asked(names, wanted - seen, wanted if known else 0), token, time)

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        """Those of them that are members and do not go already; a name that was made again is another machine."""
        time = self._time()
        members = self._read(lambda: self._api.members(time))
        self._delete([one for one in members if ref_of(one) in gone and not going(one)], token, time)

    def _starts(
        self, group: "compute_v1.InstanceGroupManager", waiting: "Sequence[compute_v1.ManagedInstance]", token: Token, time: Time
    ) -> "list[Callable[[], compute_v1.Operation]]":
        """Each by its address, for a start that comes late or twice then starts nobody else; a group that refills starts whom it likes."""
        if waiting and refills(group):
            return [partial(self._changes.resize, group.target_size + len(waiting), token, time)]
        cold = parts([one.instance for one in waiting if not suspended(one)])
        warm = parts([one.instance for one in waiting if suspended(one)])
        resumed = [partial(self._changes.resume, part, token, time) for part in warm]
        return [*resumed, *(partial(self._changes.start, part, token, time) for part in cold)]

    def _time(self) -> Time:
        return Time(self._runtime, WITHIN, self._settings.timeout)

    def _read(self, call: Callable[[], T]) -> T:
        """Nothing was sent yet, and we may have to sign in anew."""
        with signing_in_anew(self._api.clients.forget):
            return call()

    def _check_offering(self, group: "compute_v1.InstanceGroupManager", offering: OfferingName | None, time: Time) -> None:
        here = self._kinds.to_come(group, time).offering if offering else None
        if offering != here:
            raise NotFoundError(f"group {group.name} makes {here} now, not {offering}", hint="read the pool again and decide again")

    def _look(self, asked: "_Asked", token: Token, time: Time) -> None:
        """Until each is a machine or has an error, while there is time; what there is no capacity for is given back."""
        lacking: list[compute_v1.ManagedInstance] = []
        for _ in self._looks(time):
            told = _told(lambda: self._here(asked.least, time))
            if told is None:
                continue
            mine, here = [one for one in active(told[0]) if one.name in asked.names or starts(one)], told[1]
            lacking = [one for one in mine if not going(one) and not _made(one) and _lacking(code_of(one))]
            named = sum(one.name in asked.names and not going(one) for one in mine)
            if here < asked.least and named < len(asked.names) and not lacking:
                raise _no_capacity("what was asked for before was given back since", named, asked.count)
            complete = named == len(asked.names) or 0 < asked.least <= here
            if complete and all(_made(one) or code_of(one) for one in mine):
                break
        if lacking:
            _told(lambda: self._delete(lacking, token, time))
            raise _no_capacity(words_of(lacking[0]), asked.count - len(lacking), asked.count)

    def _here(self, least: int, time: Time) -> "tuple[list[compute_v1.ManagedInstance], int]":
        """Members, and how many the group counts; that is asked for only where there must be at least so many."""
        members = self._api.members(time)
        return members, count_of(self._api.group(time), active(members)) if least else 0

    def _delete(self, members: "Iterable[compute_v1.ManagedInstance]", token: Token, time: Time) -> None:
        """Who has no machine yet may have no address either, and one request names all by one or all by the other."""
        listed = list(members)
        addresses, names = [one.instance for one in listed if one.instance], [one.name for one in listed if not one.instance]
        lots = [*parts(addresses), *parts(names)]
        self._send([partial(self._changes.delete, part, token, time) for part in lots], time)

    def _send(self, calls: "Sequence[Callable[[], compute_v1.Operation]]", time: Time) -> bool:
        """One after the other. Once one was accepted, nothing that befalls a later one means that nothing changed.

        Whether they had been sent before: what is new is never done when it is accepted.
        """
        known = bool(calls)
        for number, call in enumerate(calls):
            try:
                operation = call()
            except AutoscalerError as error:
                if number:
                    raise OutcomeUnknownError(f"{number} of {len(calls)} requests were accepted: {error}"[:LONGEST], hint=LATER) from error
                raise
            known &= operation.status == operation.Status.DONE
            self._finish(operation, time)
        return known

    def _looks(self, time: Time) -> Iterator[int]:
        """Numbered from none on, at growing distances, as long as there is time for another."""
        pause = FIRST_PAUSE
        for number in count():
            if time.left <= 2 * pause.ms:
                return
            yield number
            self._runtime.sleep(pause)
            pause = min(Duration(2 * pause.ms), LONGEST_PAUSE)

    def _finish(self, operation: "compute_v1.Operation", time: Time) -> None:
        """Wait for its end, while there is time; what is not known by then shows when the pool is read."""
        latest = operation
        for number in self._looks(time):
            latest = (_told(lambda: self._api.operation(operation.name, time)) if number else None) or latest
            if latest.status == latest.Status.DONE:
                break
        for error in latest.error.errors:
            if TAKEN in error.code:
                return
            if _lacking(error.code):
                raise _no_capacity(f"{error.code}: {error.message}", 0, 1)
            if latest.operation_type.endswith(STARTS):
                raise ConflictError(f"Google says: {error.code}: {error.message}"[:LONGEST], hint="read the group again and decide again")
            raise SetupError(f"Google says: {error.code}: {error.message}"[:LONGEST], hint="see the group's settings at Google")


@dataclass(frozen=True, slots=True)
class _Asked:
    """Members of these names, and those that are started: `count` of both.

    `least`: where they were asked for before, what the group has with them. With fewer, one gave them back who did not live to tell;
    and some of the names were never asked for, where others stood by.
    """

    names: Sequence[str]
    count: int
    least: int


def _made(member: "compute_v1.ManagedInstance") -> bool:
    """Whether Google had what it takes: it is a machine, and one that is started is stopped no more."""
    return bool(member.id) and not (starts(member) and member.instance_status in ENDED)


def _told(call: Callable[[], T]) -> T | None:
    """The answer, if there is one: what was accepted before stays so, whatever befalls the question how it goes."""
    try:
        return call()
    except AutoscalerError:
        return None


def _to_grow(here: int, seen: int, wanted: int, name: str) -> bool:
    """Whether there is anything to launch."""
    if here == wanted and seen <= wanted:
        return False
    if here != seen or wanted < seen:
        raise ConflictError(f"group {name} has {here}, not {seen}", hint="read it again and decide again")
    return True


def _lacking(code: str) -> bool:
    return sold_out(code) or over_quota(code)


def _no_capacity(words: str, got: int, asked: int) -> NoCapacityError:
    quota = over_quota(words.partition(":")[0])
    hint = QUOTA_HINT if quota else "another machine type or zone may do, or wait"
    return NoCapacityError(f"{'over quota: ' if quota else ''}{got} of {asked} launched: {words}"[:LONGEST], hint=hint)
