"""Who knows what a cloud sells: what was kept of it, and the cloud itself."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from autoscaler.errors import AutoscalerError
from autoscaler.model.catalogue import Catalogue, MachineType, Quotation
from autoscaler.model.quantities import Instant


class Catalogues(Protocol):
    """What was kept."""

    def of(self, cloud: str, region: str) -> Catalogue | None:
        """The newest of that region. None without one, or where what was kept cannot be read."""
        ...


class NoCatalogues:
    """Nothing was kept."""

    def of(self, cloud: str, region: str) -> Catalogue | None:
        """None."""
        del cloud, region
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """What an answer of a cloud's API says that somebody kept: types, or prices by the names of types, or both."""

    types: tuple[MachineType, ...] = ()
    prices: Mapping[str, Sequence[Quotation]] = field(default_factory=dict)


Understand = Callable[[Mapping[str, Any], str, Instant], Saved | None]
"""Such an answer, as JSON, of which region and when it was taken; None for one that is not known."""


Offline = Callable[[str, Collection[MachineType]], Catalogue]
"""What a package on this machine says that a region sells, and of when; the types are those kept of it. SetupError without the package."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What a cloud told. `lacking`: why parts of it did not come; what is of them is left out of the catalogue, never made up."""

    catalogue: Catalogue
    lacking: tuple[AutoscalerError, ...] = ()


class CatalogueReader(Protocol):
    """One region of a cloud, by its own API. It changes nothing there."""

    def read(self, tell: Callable[[str], None]) -> Found:
        """All it sells, with prices as far as they are told. Without the types themselves: SetupError, UnavailableError.

        It takes minutes. Throttled, late: asked again some times. `tell`: how far it is, in a few words.
        """
        ...
