"""The server slots of a backend, read strictly from `show servers state` and `show stat`."""

import csv
import ipaddress
import re
from collections.abc import Mapping
from dataclasses import dataclass

from autoscaler.errors import PolicyError, ProviderError
from autoscaler.model.traffic import MemberState

FORMAT = "1"
STATE_FIELDS = (
    "be_name",
    "srv_id",
    "srv_name",
    "srv_addr",
    "srv_port",
    "srv_op_state",
    "srv_admin_state",
    "srv_uweight",
    "srv_time_since_last_change",
    "srv_check_state",
)
STAT_FIELDS = ("pxname", "svname", "qcur", "scur", "status", "check_status", "check_rise", "check_fall", "check_health")

# Bits of srv_admin_state. 0x04 only remembers that the configuration said `disabled`.
OURS_MAINT, INHERITED_MAINT, RESOLVER_MAINT = 0x01, 0x02, 0x20
ANY_MAINT = OURS_MAINT | INHERITED_MAINT | RESOLVER_MAINT
ANY_DRAIN = 0x08 | 0x10
RUNNING = 2
CHECKED = 0x02 | 0x04
PASSING = frozenset({"L4OK", "L6OK", "L7OK", "L7OKC", "PROCOK"})
HIGHEST_PORT = 65_535
STRANGE = "is this HAProxy's runtime socket (2.2 or newer)?"


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """One server line. `unused`: seconds since its state changed. `checked`: HAProxy checks its health."""

    backend: str
    name: str
    number: int
    address: str
    admin: int
    running: bool
    weight: int
    unused: int
    checked: bool

    @property
    def free(self) -> bool:
        """Set aside by hand, and by nothing else: ours to use."""
        return bool(self.admin & OURS_MAINT) and not self.admin & (INHERITED_MAINT | RESOLVER_MAINT)

    @property
    def out(self) -> bool:
        """In maintenance, for whatever reason."""
        return bool(self.admin & ANY_MAINT)

    @property
    def state(self) -> MemberState:
        """What it gets."""
        if self.out:
            return MemberState.OUT
        return MemberState.DRAINING if self.admin & ANY_DRAIN or not self.weight else MemberState.READY


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """What a server has and how it does. `full`: no check failed since the last one that passed."""

    sessions: int
    passing: bool
    full: bool


def parse_state(answer: str) -> dict[str, tuple[Slot, ...]]:
    """Backend to its slots, in the configuration's order."""
    version, _, rest = answer.partition("\n")
    header, *lines = rest.splitlines() or [""]
    if version.strip() != FORMAT or not header.startswith("# "):
        raise ProviderError(f"cannot read the servers' state: {answer[:60]!r}", hint=STRANGE)
    names = header[2:].split()
    found: dict[str, tuple[Slot, ...]] = {}
    for line in filter(None, lines):
        slot = _slot(_row(names, line.split(), STATE_FIELDS))
        found[slot.backend] = (*found.get(slot.backend, ()), slot)
    return found


def parse_stat(answer: str) -> dict[tuple[str, str], Load]:
    """(backend, server) to its load."""
    header, *lines = answer.splitlines() or [""]
    if not header.startswith("# "):
        raise ProviderError(f"cannot read the statistics: {answer[:60]!r}", hint=STRANGE)
    names = header[2:].split(",")
    rows = (_row(names, values, STAT_FIELDS) for values in csv.reader(filter(None, lines)))
    return {(row["pxname"], row["svname"]): _load(row) for row in rows}


def is_up(slot: Slot, load: Load) -> bool:
    """Whether HAProxy takes it for well; without checks it always does.

    A slot that was just made ready keeps the check result of whoever had it before, and HAProxy takes it for half well: not up
    until a check has passed.
    """
    return slot.running and (not slot.checked or (load.passing and load.full))


def split_address(address: str) -> tuple[str, int]:
    """`10.0.0.1:80`, `[fd00::1]:80`; HAProxy itself takes any port number and cuts it to 16 bits."""
    host, _, port = address.rpartition(":")
    try:
        found = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError as error:
        raise PolicyError(f"{address[:60]!r} is no address for HAProxy", hint="members are known by IP address and port") from error
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= HIGHEST_PORT:
        raise PolicyError(f"{address[:60]!r} has no port", hint="a port is 1 to 65535")
    return found, int(port)


def joined_address(host: str, port: int | str) -> str:
    """host:port, with brackets where the host has colons."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def _row(names: list[str], values: list[str], needed: tuple[str, ...]) -> Mapping[str, str]:
    row = dict(zip(names, values, strict=False))
    missing = [name for name in needed if name not in row]
    if missing:
        raise ProviderError(f"a server's line has no {', '.join(missing)}", hint=STRANGE)
    return row


def _slot(row: Mapping[str, str]) -> Slot:
    return Slot(
        backend=row["be_name"],
        name=row["srv_name"],
        number=_number(row, "srv_id"),
        address=joined_address(row["srv_addr"], row["srv_port"]),
        admin=_number(row, "srv_admin_state"),
        running=_number(row, "srv_op_state") == RUNNING,
        weight=_number(row, "srv_uweight"),
        unused=_number(row, "srv_time_since_last_change"),
        checked=_number(row, "srv_check_state") & CHECKED == CHECKED,
    )


def _load(row: Mapping[str, str]) -> Load:
    return Load(
        sessions=_number(row, "scur") + _number(row, "qcur"),
        passing=row["check_status"].removeprefix("* ") in PASSING,
        full=_number(row, "check_health") >= _number(row, "check_rise") + _number(row, "check_fall") - 1,
    )


def _number(row: Mapping[str, str], name: str) -> int:
    text = row[name] or "0"
    if not re.fullmatch("-?[0-9]{1,18}", text):
        raise ProviderError(f"{name} of a server is {text[:20]!r}, not a number", hint=STRANGE)
    return int(text)
