"""Every machine that can be spared: as many at once as sums allow, the others one after the other, then all of them once more."""

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from autoscaler.model.reasons import Code, Reason
from autoscaler.model.refs import PoolName, WorkloadRef
from autoscaler.placement.answer import Kept, Relocation
from autoscaler.placement.arrays import Ints
from autoscaler.placement.asking import Moved, held, worse
from autoscaler.placement.choosing import choosy
from autoscaler.placement.closing import Emptied, immovable, sought_first, stuck, surplus
from autoscaler.placement.emptying import WHEREVER, off, replayed, together, tried
from autoscaler.placement.fitting import fit
from autoscaler.placement.guessing import Sums
from autoscaler.placement.housing import unfence
from autoscaler.placement.naming import names
from autoscaler.placement.paying import unpaid
from autoscaler.placement.problem import OPEN, Host, HostState, KeepGoing, Load, PoolOptions
from autoscaler.placement.search import Search

Arrival = tuple[WorkloadRef, int, str]
"""So many of it come to that machine."""


def keep_closing(search: Search) -> None:
    """Machines being closed go on, unless what stands on them, or came since, may not be moved or has no place any more."""
    for host in search.by_cost(HostState.CLOSING):
        if not (host.must_close or host.outbid):
            reasons = immovable(search.ledger, search.standing(host.key))
            found = reasons[0] if reasons else _emptied(search, host.key)
            if isinstance(found, Reason):
                search.kept.append(Kept(host=host.key, reasons=(found,)))
                unfence(search, host.key)


def consolidate(search: Search, keep_going: KeepGoing) -> None:
    """Those with least to move first, the dearer first among equals; any may fail without ending the search. What is shut only says why."""
    sparing = _Sparing.of(search)
    forced = {*search.closes, *(one.host for one in search.kept)}
    shut = (host for host in search.by_cost(HostState.SHUT) if host.keep and host.key not in forced)
    search.kept += [Kept(host=host.key, reasons=host.keep[:1]) for host in shut]
    hosts = [host for host in search.by_cost(HostState.OPEN) if host.key not in forced]
    gone = set(sparing.at_once(hosts, keep_going))
    for host in [host for host in hosts if host.key not in gone]:
        reason = sparing.needed(host) or (None if keep_going(search.rounds) else Reason(Code.SEARCH_ENDED))
        reason = reason or sparing.spare(host.key)
        if reason:
            search.kept.append(Kept(host=host.key, reasons=(reason,)))
    if sparing.shifted:
        sparing.prove()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Sent:
    """What goes elsewhere than to a machine that is to go as well: what comes to stay, and surges."""

    moves: list[Relocation]
    surges: list[Arrival]


@dataclass(slots=True, kw_only=True)
class _Sparing:
    """What was found `before` any machine was spared, and what comes to which machine since: replicas that stay, and `surges`.

    `counts`: machines of each pool that stay. `wanted`: machines that something comes to; `awaited`: and that something will come to later.
    `shifted`: something was sent on, for the machine it had come to could go as well. `places`: once one was refused, how many more
    find a place of some workloads, and how many of those on each machine.
    """

    search: Search
    before: Search
    pools: dict[PoolName | None, PoolOptions]
    counts: Counter[PoolName | None]
    wanted: frozenset[str]
    awaited: dict[str, set[str]]
    landed: dict[str, list[tuple[WorkloadRef, int]]] = field(default_factory=lambda: defaultdict(list))
    surges: dict[str, list[tuple[WorkloadRef, int]]] = field(default_factory=lambda: defaultdict(list))
    shifted: bool = False
    places: dict[WorkloadRef, tuple[int, Ints]] | None = None

    @classmethod
    def of(cls, search: Search) -> Self:
        """At the beginning."""
        pools = search.problem.pools
        awaited = defaultdict(set)
        for one in search.later:
            awaited[one.host].add(str(one.workload))
        return cls(
            search=search,
            before=search.fork(),
            pools={pool.name: pool for pool in pools},
            counts=Counter({pool.name: pool.count + search.market.bought(pool.name) - search.closing_in(pool) for pool in pools}),
            wanted=frozenset({one.host for one in search.assignments} | {one.target for one in search.moves}),
            awaited=awaited,
        )

    def at_once(self, hosts: Sequence[Host], keep_going: KeepGoing) -> Sequence[str]:
        """Close the first, as many as sums leave room for, all fenced: one by one, what moves would mostly be sent on again later.

        If one of them cannot go like that, all of them are tried one by one.
        """
        keys = self._likely(hosts, keep_going)
        if len(keys) <= 1:
            return ()
        self.search.rounds += len(keys)
        trial, found = together(self.before, keys)
        if not found or self._all_worse(trial):
            return ()
        self._take(trial, found)
        self.counts.subtract(self.search.ledger.hosts[key].pool for key in keys)
        return keys

    def _likely(self, hosts: Sequence[Host], keep_going: KeepGoing) -> list[str]:
        """Those, of what nothing keeps where it is, and no rule between workloads concerns: these are asked after each, not after all."""
        found, ledger, counts = list[str](), self.search.ledger, self.counts.copy()
        sums = Sums.of(ledger)
        ledger.attempt()
        for host in hosts:
            if not keep_going(self.search.rounds + len(found)):
                break
            if not self._ruled(host) and self.needed(host) is None:
                if not sums.suffice_without(host.key, self.search.standing(host.key)):
                    break
                found.append(host.key)
                ledger.set_state(host.key, HostState.CLOSING)
                self.counts[host.pool] -= 1
        ledger.take_back()
        self.counts = counts
        return found

    def _ruled(self, host: Host) -> bool:
        """Whether anybody there has rules about others, or is one of those whom such rules count."""
        there = [*(one.workload for one in self.search.standing(host.key)), *host.daemons]
        relations = self.search.ledger.relations
        return bool(relations.concerned(there)) or any(relations.of_one(ref) for ref in there)

    def needed(self, host: Host) -> Reason | None:
        """Why it stays whatever room there is elsewhere."""
        if host.keep:
            return host.keep[0]
        pool = self.pools.get(host.pool)
        if pool is None:
            return Reason(Code.NODE_NOT_IN_POOL)
        if self.counts[pool.name] <= pool.min:
            return Reason(Code.POOL_AT_MINIMUM, (pool.min,), "nodes", (pool.name,))
        ledger, there = self.search.ledger, self.search.standing(host.key)
        reason = held(ledger, pool, host) or self._room_for(host)
        # Above its maximum a pool gives machines back whatever that costs.
        reason = reason or (unpaid(pool, host, there) if self.counts[pool.name] <= pool.max else None)
        return reason or next(iter(stuck(ledger, host.key, there)), None)

    def spare(self, key: str) -> Reason | None:
        """Close it if it can be; else why not."""
        if full := self._full(key):
            self.search.rounds += 1
            return full
        refused = self._shift(key) if key in self.landed or key in self.surges else self._empty(key)
        if refused is None:
            self.counts[self.search.ledger.hosts[key].pool] -= 1
            self.places = None
        elif self.places is None:
            self.places = {}
        return refused

    def _full(self, key: str) -> Reason | None:
        """Why not even the first that would have to leave it find places, told without moving anybody; after others were refused."""
        if self.places is None:
            return None
        found = self._first(key)
        if found is None or names(self.search.ledger) or choosy(self.search.ledger, found[0]):
            return None
        load, count, code = found
        left = count - self._places(self.places, load, key)
        return Reason(code, (left,), "replicas", (str(load.workload),)) if left > 0 else None

    def _first(self, key: str) -> tuple[Load, int, Code] | None:
        """Who that would be, and how many."""
        ledger = self.search.ledger
        guests = _summed(self._guests(key))
        if not guests:
            return sought_first(ledger, self.search.moving(key), self.search.booked)
        if not all(ledger.loads[workload].sure for workload in guests):
            return None
        first = min(guests)
        return ledger.loads[first], guests[first], Code.REPLICAS_FIT_NOWHERE_ELSE

    def _places(self, known: dict[WorkloadRef, tuple[int, Ints]], load: Load, but: str) -> int:
        """How many more of it find a place elsewhere."""
        ledger = self.search.ledger
        if load.workload not in known:
            rows, fits = ledger.open_rows(load, OPEN), np.zeros(len(ledger.keys), np.int64)
            fits[rows] = ledger.fits_at(load, rows)
            known[load.workload] = int(fits.sum()), fits
        every, fits = known[load.workload]
        return every - int(fits[ledger.rows[but]])

    def prove(self) -> None:
        """All of them once more, from where they began and all fenced, as it will be; what fails then stays."""
        keys, dropped = self.search.closes[len(self.before.closes) :], dict[str, Reason]()
        while True:
            trial, refused, _ = replayed(self.before, keys)
            tight = self._all_worse(trial)
            if tight is None:
                break
            dropped[keys[-1]] = tight
            keys = keys[:-1]
        self.search.take(trial)
        self.search.kept += [Kept(host=key, reasons=(reason,)) for key, reason in (refused | dropped).items()]

    def _room_for(self, host: Host) -> Reason | None:
        """What its room is for: replicas that come now, or off a machine being closed, that a limit holds back, or that have no place."""
        if host.key in self.wanted:
            return Reason(Code.MAKES_ROOM)
        if awaited := self.awaited.get(host.key):
            return Reason(Code.KEPT_FOR_LATER, names=tuple(sorted(awaited)))
        wanting = [str(one.workload) for one in self.search.unplaced if _could_take(self.search, host, one.workload)]
        return Reason(Code.MAKES_ROOM, names=tuple(wanting)) if wanting else None

    def _empty(self, key: str) -> Reason | None:
        """Nothing came there yet."""
        found = _emptied(self.search, key)
        if isinstance(found, Reason):
            return found
        self._note(found)
        return None

    def _shift(self, key: str) -> Reason | None:
        """Others were to move there: they go elsewhere, and so does what stands there."""
        self.search.rounds += 1
        if not all(self.search.ledger.loads[workload].sure for workload, _ in self._guests(key)):
            return self._again(key)
        found = self.search.tried(lambda: self._emptied_of_all(key))
        if isinstance(found, Reason):
            return found
        sent, more = found
        self.search.closed(key, more)
        self._forget(key)
        self._note(sent)
        self._note(more)
        return None

    def _emptied_of_all(self, key: str) -> tuple[_Sent, Emptied] | Reason:
        """Where the guests go, and where what stands there."""
        search = self.search
        sent = _sent_on(search, key, _summed(self.landed.get(key, ())), _summed(self.surges.get(key, ())))
        if isinstance(sent, Reason):
            return sent
        more = off(search, key)
        if isinstance(more, Reason):
            return more
        tight = self._worse(search, lambda: [*self._moves(key), *sent.moves, *more.moves])
        return tight or (sent, more)

    def _again(self, key: str) -> Reason | None:
        """Close it together with all that were found before it, from where those began: what is unsure holds room on every machine."""
        trial, refused, found = tried(self.before, [*self.search.closes[len(self.before.closes) :], key])
        if refused:
            return next(iter(refused.values()))
        if tight := self._all_worse(trial):
            return tight
        self._take(trial, found)
        return None

    def _take(self, trial: Search, found: Iterable[Emptied]) -> None:
        """What was tried is what is found, and all that moves."""
        self.search.take(trial)
        self.landed.clear()
        self.surges.clear()
        for one in found:
            self._note(one)

    def _guests(self, key: str) -> list[tuple[WorkloadRef, int]]:
        return [*self.landed.get(key, ()), *self.surges.get(key, ())]

    def _moves(self, but: str) -> list[Relocation]:
        """All that moves, as far as it does not come to that machine."""
        there = ((target, _summed(landed)) for target, landed in self.landed.items() if target != but)
        return [Relocation(ref, count, WHEREVER, target) for target, landed in there for ref, count in landed.items()]

    def _all_worse(self, trial: Search) -> Reason | None:
        return self._worse(trial, lambda: trial.moves[len(self.before.moves) :])

    def _worse(self, trial: Search, moves: Callable[[], Sequence[Relocation]]) -> Reason | None:
        """The room that a pool would lack for it, if any keeps some."""
        if not any(pool.asks for pool in trial.problem.pools):
            return None
        return worse(self.before.ledger, trial.ledger, trial.problem.pools, astray=astray(trial, moves()))

    def _note(self, found: "Emptied | _Sent") -> None:
        for one in found.moves:
            self.landed[one.target].append((one.workload, one.count))
        for workload, count, target in found.surges:
            self.surges[target].append((workload, count))

    def _forget(self, key: str) -> None:
        self.shifted = True
        self.landed.pop(key, None)
        self.surges.pop(key, None)


def _emptied(search: Search, key: str) -> Emptied | Reason:
    """Close it if it can be; else why not."""
    search.rounds += 1
    pools = search.problem.pools
    before = search.ledger.copy() if any(pool.asks for pool in pools) else search.ledger

    def attempt() -> Emptied | Reason:
        found = off(search, key)
        if isinstance(found, Reason):
            return found
        return worse(before, search.ledger, pools, closing=key, astray=astray(search, found.moves)) or found

    found = search.tried(attempt)
    if isinstance(found, Emptied):
        search.closed(key, found)
    return found


def _summed(arrivals: Iterable[tuple[WorkloadRef, int]]) -> Counter[WorkloadRef]:
    """How many of each."""
    found: dict[WorkloadRef, int] = {}
    for workload, count in arrivals:
        found[workload] = found.get(workload, 0) + count
    return Counter(found)


def _sent_on(trial: Search, key: str, landed: Counter[WorkloadRef], surges: Counter[WorkloadRef]) -> _Sent | Reason:
    """What was to come to that machine goes to others, on the ledger; or why not."""
    trial.ledger.set_state(key, HostState.LEAVING)
    moves, extra = list[Relocation](), list[Arrival]()
    for workload, count in sorted((landed + surges).items()):
        trial.ledger.put(workload, key, -count)
        went = fit(trial.ledger, trial.ledger.loads[workload], count, OPEN, spread=trial.problem.spread)
        if went.total() < count:
            return Reason(Code.REPLICAS_FIT_NOWHERE_ELSE, (count - went.total(),), "replicas", (str(workload),))
        if surges[workload]:
            over = surplus(landed[workload], went)
            extra += [(workload, many, target) for target, many in sorted(over.items())]
            went -= over
        moves += [Relocation(workload, many, WHEREVER, target) for target, many in sorted(went.items())]
    for workload, count, target in extra:
        trial.ledger.lend(workload, target, count)
    return _Sent(moves=moves, surges=extra)


def astray(search: Search, moves: Sequence[Relocation]) -> Moved:
    """What may come elsewhere than is expected."""
    return tuple((one.workload, one.count, one.target) for one in moves) if search.problem.spread else ()


def _could_take(search: Search, host: Host, workload: WorkloadRef) -> bool:
    """Whether it would hold one that has no place now, once what stands there now is gone."""
    load = search.ledger.loads[workload]
    return search.ledger.allows(load, host.key) and load.shape.requests.fits(host.capacity - host.used)
