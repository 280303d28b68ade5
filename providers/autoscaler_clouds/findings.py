"""Findings that are alike at all clouds."""

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field

from autoscaler.contracts.inspection import Finding
from autoscaler.errors import AutoscalerError
from autoscaler.model.quantities import Duration, Instant
from autoscaler_clouds.permissions import Row, calls_without
from autoscaler_sources.moments import clock

MOST_SKEW = Duration(30_000)
"""As of a source: what is further off is not believed."""

QUOTA = "quota"
OF_ACCOUNTS = ("identity", "clock", QUOTA)
"""Parts that say the same of every pool in an account: equal ones are told once."""

ACTOR = "actor"
FULL = 80
"""Percent of a quota from which on it is told."""

HOURS_HINT = "set the clock right, here: a signature that is minutes off is refused, and what is read here and there cannot be compared"


@dataclass(slots=True)
class Findings:
    """Of `what`, as `pool general`, part by part. `account`: as `aws 123456789012`, once known; some parts are of that, not of `what`."""

    what: str
    account: str = ""
    found: list[Finding] = field(default_factory=list)

    def fine(self, part: str, says: str) -> None:
        """It is as it should be."""
        self.found.append(Finding(name=self._name(part), ok=True, says=says))

    def advise(self, part: str, says: str, hint: str) -> None:
        """It works, and had better be otherwise; or it cannot be known."""
        self.found.append(Finding(name=self._name(part), ok=True, says=says, hint=hint))

    def broken(self, part: str, says: str, hint: str) -> None:
        """It does not work."""
        self.found.append(Finding(name=self._name(part), ok=False, says=says, hint=hint))

    def part(self, name: str, look: Callable[[], None]) -> bool:
        """Look at one part; whether that could be done."""
        try:
            look()
        except AutoscalerError as error:
            self.broken(name, str(error), error.hint)
            return False
        return True

    def guess(self, name: str, look: Callable[[], None]) -> bool:
        """As `part`, of what pools do not need: it is not known, and nothing is broken for it."""
        try:
            look()
        except AutoscalerError as error:
            self.advise(name, f"cannot be known: {error}", error.hint)
            return False
        return True

    def clock(self, date: str, now: Instant) -> None:
        """Ours against the cloud's, by its Date header."""
        theirs = clock(date)
        if theirs is None:
            self.advise("clock", "cannot be known: the cloud tells no time", "see whether a proxy takes the Date header away")
        elif abs(theirs - now) > MOST_SKEW.ms:
            way = "ahead" if now > theirs else "behind"
            self.broken("clock", f"ours is {Duration(abs(theirs - now) // 1000 * 1000)} {way}", HOURS_HINT)
        else:
            self.fine("clock", "ours and the cloud's are within 30s")

    def permissions(self, rows: Iterable[Row], lacking: Collection[str], hint: str) -> None:
        """What we may not, with the calls that are refused for it. Who may change nothing at all is meant to look."""
        rows = list(rows)
        acting = {row.permission for row in rows if row.role == ACTOR} - {row.permission for row in rows if row.role != ACTOR}
        if acting and acting <= {*lacking}:
            self.advise("permissions", "we may look and change nothing: enough for `plan`, not for `apply` and `run`", hint)
            lacking = {*lacking} - acting
            rows = [row for row in rows if row.permission not in acting]
        found = calls_without(rows, lacking)
        for permission, calls in found.items():
            self.broken("permissions", f"{permission} is lacking: {', '.join(calls)}", hint)
        if not found:
            self.fine("permissions", f"all {len({row.permission for row in rows})} that were looked at are there")

    def quotas(self, used: Iterable[tuple[str, int, int]], hint: str, *, region: str) -> None:
        """Name, use and limit of each in a region; those that are nearly used up are told."""
        found = [(name, count, limit) for name, count, limit in used if limit > 0]
        near = [one for one in found if one[1] * 100 >= one[2] * FULL]
        for name, count, limit in near:
            self.advise(f"{region} {QUOTA}", f"{count} of {limit} {name} are used", hint)
        if not near:
            self.fine(f"{region} {QUOTA}", f"of {len(found)} none is used by {FULL}%")

    def _name(self, part: str) -> str:
        wide = self.account and part.rpartition(" ")[2] in OF_ACCOUNTS
        return f"account {self.account} {part}" if wide else f"{self.what} {part}"
