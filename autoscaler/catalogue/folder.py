"""A folder of catalogues, one file for each region of a cloud, so that two updates at once meet only where they are of the same."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from autoscaler.errors import AutoscalerError, SetupError, UsageError
from autoscaler.model import codec
from autoscaler.model.catalogue import Catalogue

KIND = "catalogue"
PLACE = "AUTOSCALER_CATALOGUE"
"""The variable that names the folder."""
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
LARGEST = 64 * 2**20
"""Bytes: a region with a thousand types in six zones takes one."""

Stamp = tuple[int, int, int]


@dataclass(slots=True)
class Folder:
    """Read anew only where a file was replaced: a tick may ask for each pool."""

    path: Path
    read: dict[Path, tuple[Stamp, Catalogue | None]] = field(default_factory=dict)

    def place(self, cloud: str, region: str) -> Path:
        """Where a region is kept. UsageError for what is no region's name."""
        if not (NAME.fullmatch(cloud) and NAME.fullmatch(region)):
            raise UsageError(f"{region[:60]!r} is no region", hint="write it as its cloud does: eu-central-1, europe-west4, westeurope")
        return self.path / f"{cloud}.{region}.json"

    def of(self, cloud: str, region: str) -> Catalogue | None:
        """As `loaded`; None as well where it cannot be read: prices are then not known, and a pool is not stopped for it."""
        if not (NAME.fullmatch(cloud) and NAME.fullmatch(region)):
            return None
        place = self.place(cloud, region)
        try:
            stamp = _stamp(place)
            if stamp and self.read.get(place, (None, None))[0] != stamp:
                self.read[place] = (stamp, _tried(place))
        except OSError:
            return None
        return self.read[place][1] if stamp else None

    def loaded(self, cloud: str, region: str) -> Catalogue | None:
        """What is kept of a region, if anything is. FormatError, SetupError where it cannot be read."""
        place = self.place(cloud, region)
        return _loaded(place) if place.exists() else None

    def all(self) -> Iterator[Catalogue | AutoscalerError]:
        """Each that is kept, or what is wrong with it, by cloud and region."""
        for place in sorted(self.path.glob("*.json")):
            try:
                yield _loaded(place)
            except AutoscalerError as error:
                yield error


def usual() -> Path:
    """The folder that is named in the environment, else one in the user's cache."""
    found = os.environ.get(PLACE)
    if found:
        return Path(found).expanduser()
    return Path(os.environ.get("XDG_CACHE_HOME") or "~/.cache").expanduser() / "autoscaler" / "catalogue"


def kept() -> Folder:
    """The usual folder, the same for all pools of a process."""
    return _at(usual())


@cache
def _at(path: Path) -> Folder:
    return Folder(path)


def _stamp(place: Path) -> Stamp | None:
    try:
        found = place.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def _tried(place: Path) -> Catalogue | None:
    try:
        return _loaded(place)
    except AutoscalerError:
        return None


def _loaded(place: Path) -> Catalogue:
    try:
        with place.open("rb") as file:
            content = file.read(LARGEST + 1)
    except OSError as error:
        raise SetupError(f"{place}: {error.strerror}", hint="see whose it is, or name another folder with --catalogue") from error
    if len(content) > LARGEST:
        raise SetupError(f"{place}: larger than {LARGEST // 2**20} MiB", hint="remove it, and read that region anew")
    try:
        return codec.loads(content, Catalogue, kind=KIND)
    except codec.FormatError as error:
        hint = f"{error.hint}; or remove it, and: autoscaler catalogue update"
        raise codec.FormatError(f"{place}: {error}", hint=hint) from error
