"""What a lab is called and where its things are: folders, names, addresses. Pure, but for making one path absolute."""

import ipaddress
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Self

from autoscaler.errors import UsageError

SOCKET_PATH_LIMIT = 107
"""Bytes a Unix socket's path may have on Linux (108 with the closing zero)."""
DEEPEST = len("/abcdef-99999/docker.sock")
FIRST_HOST = 10
"""Node 1 is .11, and so on: the low addresses stay free for whatever else sits on the bridge."""
SMALLEST = 24
"""The length of the smallest network with room for many engines that come and go."""
PREFIX = r"[a-z][a-z0-9]{0,5}"
"""Interface names end at 15 bytes and hold the prefix and the node's number."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LabSpec:
    """One lab: `folder` holds all its state; `prefix` starts the name of all it makes on the machine.

    `id` tells its cgroups from another lab's of the same prefix. `memory` (bytes) and `cpus` are what each engine says
    it has; 0 is what the machine has.
    """

    folder: Path
    prefix: str
    subnet: str
    id: str
    memory: int = 0
    cpus: int = 0

    def __post_init__(self) -> None:
        check_folder(self.folder)
        check_prefix(self.prefix)
        check_subnet(self.subnet)

    @property
    def bridge(self) -> str:
        """The bridge all engines hang on."""
        return f"{self.prefix}-br"

    @property
    def gateway(self) -> str:
        """The machine's own address on the bridge, with the length of the network: `10.77.0.1/24`."""
        network = ipaddress.IPv4Network(self.subnet)
        return f"{network[1]}/{network.prefixlen}"

    @property
    def record(self) -> Path:
        """The file which says that here is a lab."""
        return self.folder / "lab.json"

    @property
    def images(self) -> Path:
        """Each `*.tar` in it, as `docker save` writes them, is loaded into each new engine."""
        return self.folder / "images"

    @property
    def engines(self) -> Path:
        """One folder of small files per engine there ever was; it outlives the engine, so no name comes twice."""
        return self.folder / "engines"

    def engine(self, index: int) -> "EnginePaths":
        """The names and places of engine `index`, which counts from 1."""
        return EnginePaths(lab=self, index=index)


@dataclass(frozen=True, slots=True, kw_only=True)
class EnginePaths:
    """The names and places of one engine."""

    lab: LabSpec
    index: int

    @property
    def name(self) -> str:
        """Its hostname and instance id: `pk-4`."""
        return f"{self.lab.prefix}-{self.index}"

    @property
    def namespace(self) -> str:
        """Its network namespace, as `ip netns` calls it."""
        return f"{self.lab.prefix}-node{self.index}"

    @property
    def link(self) -> str:
        """The machine's end of its cable."""
        return f"{self.lab.prefix}-v{self.index}"

    @property
    def cgroup(self) -> str:
        """The cgroup, relative to the root, that holds all its containers."""
        return f"{self.lab.prefix}-{self.lab.id}-node{self.index}"

    @property
    def address(self) -> str:
        """Its address; they come round again only after all of the network were used."""
        network = ipaddress.IPv4Network(self.lab.subnet)
        usable = network.num_addresses - FIRST_HOST - 2
        return str(network[FIRST_HOST + 1 + (self.index - 1) % usable])

    @property
    def address_with_length(self) -> str:
        """Its address as `ip addr` wants it."""
        return f"{self.address}/{ipaddress.IPv4Network(self.lab.subnet).prefixlen}"

    @property
    def notes(self) -> Path:
        """The small files that say what is wanted and what was seen."""
        return self.lab.engines / str(self.index)

    @property
    def home(self) -> Path:
        """All the engine itself writes; gone when the engine is."""
        return self.lab.folder / f"node{self.index}"

    @property
    def alias(self) -> Path:
        """The same folder by the engine's name, for those who know it by that: `unix:///lab/{node}/docker.sock`."""
        return self.lab.folder / self.name

    @property
    def socket(self) -> Path:
        """Where the engine answers."""
        return self.home / "docker.sock"

    @property
    def log(self) -> Path:
        """What the engine says; kept after its end."""
        return self.notes / "dockerd.log"

    @property
    def endpoint(self) -> str:
        """The same, as Docker clients write it."""
        return f"unix://{self.socket}"


def check_folder(folder: Path) -> None:
    """UsageError unless the folder is absolute and short enough for the sockets in it."""
    if not folder.is_absolute():
        raise UsageError(f"the lab's folder {str(folder)!r} is not absolute", hint="give the whole path, from /")
    if len(bytes(folder)) + DEEPEST > SOCKET_PATH_LIMIT:
        limit = SOCKET_PATH_LIMIT - DEEPEST
        raise UsageError(
            f"the lab's folder has {len(bytes(folder))} bytes, more than {limit}",
            hint=f"choose a --folder of at most {limit} bytes: Unix sockets in it may not be longer",
        )


def check_prefix(prefix: str) -> None:
    """UsageError unless interface names can begin with it."""
    if not re.fullmatch(PREFIX, prefix):
        raise UsageError(f"{prefix[:20]!r} is not a prefix", hint="write 1 to 6 small letters and digits, as in pk")


def check_subnet(subnet: str) -> None:
    """UsageError unless it is a network of at least 256 IPv4 addresses."""
    hint = "write a private network of at least 256 addresses, as in 10.77.0.0/24"
    try:
        network = ipaddress.IPv4Network(subnet)
    except ValueError as error:
        raise UsageError(f"{subnet[:40]!r} is not an IPv4 network", hint=hint) from error
    if network.prefixlen > SMALLEST:
        raise UsageError(f"{subnet} is too small", hint=hint)


@dataclass(frozen=True, slots=True)
class Address:
    """An address range in use on this machine, to keep a lab from taking it again."""

    network: ipaddress.IPv4Network

    @classmethod
    def of(cls, address: str, length: int) -> Self:
        """`10.0.0.5` and 24 is the range 10.0.0.0/24."""
        return cls(ipaddress.IPv4Network(f"{address}/{length}", strict=False))

    def overlaps(self, subnet: str) -> bool:
        """Whether a lab in `subnet` would get in its way."""
        return self.network.overlaps(ipaddress.IPv4Network(subnet))
