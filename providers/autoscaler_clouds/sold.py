"""The kinds of machines of one pool, with their prices: the policy file's, else a catalogue's, else as their cloud tells them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from autoscaler.contracts.catalogue import Catalogues
from autoscaler.model.catalogue import Catalogue, MachineType, Quotation
from autoscaler.model.pools import Offering
from autoscaler.model.quantities import Instant
from autoscaler_clouds.kinds import NEVER, Furnishing, KindSpec, Place, least_of, offering

Cards = tuple[str, int]
NO_CARDS: Cards = ("", 0)


@dataclass(frozen=True, slots=True, kw_only=True)
class Lot:
    """What may come where: any of `kinds`, called `called`, in any of `zones` of a `region`.

    `mixed`: some of it at the price on demand, though `place` is spot. `cards`: GPUs beside those that the kinds have.
    """

    kinds: Sequence[str]
    called: str
    region: str
    zones: Sequence[str]
    place: Place
    mixed: bool = False
    cards: Cards = NO_CARDS

    @property
    def bid(self) -> bool:
        """Whether the price of spot is all that it costs."""
        return self.place.spot and not self.mixed


@dataclass(frozen=True, slots=True)
class _Priced:
    """A kind, and who told its price, where the policy file did not."""

    kind: KindSpec
    told: Quotation | None = None


class Kinds:
    """Of one pool of `cloud`. What its cloud was asked for is kept, for it does not change."""

    def __init__(self, cloud: str, listed: Iterable[KindSpec], catalogues: Catalogues) -> None:
        self._cloud = cloud
        self._listed = {one.name: one for one in listed}
        self._catalogues = catalogues
        self._asked: dict[str, KindSpec] = {}

    def lacking(self, names: Iterable[str], region: str) -> list[str]:
        """Those of which nobody told anything yet."""
        catalogue = self._catalogue(region)
        known = {*self._listed, *self._asked}
        return [name for name in names if name not in known and not (catalogue and catalogue.type(name))]

    def learn(self, found: Mapping[str, KindSpec]) -> None:
        """What the cloud told."""
        self._asked |= found

    def offered(self, lot: Lot, nodes: Furnishing, sold_out_until: Instant = NEVER) -> Offering:
        """What is sure of it: the least of its kinds, at the price of the dearest. None of them may be lacking."""
        catalogue = self._catalogue(lot.region)
        priced = [self._priced(name, lot, catalogue) for name in lot.kinds]
        kind = least_of((one.kind for one in priced), lot.called)
        kind = replace(kind, spot_price=kind.price) if lot.mixed else kind
        found = offering(kind, lot.place, nodes, sold_out_until)
        told = [one.told for one in priced if one.told]
        if not (told and found.price.micro):
            return found
        return replace(found, priced_at=min(one.at for one in told), priced_by=", ".join(sorted({one.source for one in told})))

    def _catalogue(self, region: str) -> Catalogue | None:
        return self._catalogues.of(self._cloud, region)

    def _priced(self, name: str, lot: Lot, catalogue: Catalogue | None) -> _Priced:
        sold = catalogue.type(name) if catalogue else None
        kind = self._listed.get(name) or (_spec(sold) if sold else self._asked[name])
        own = kind.spot_price if lot.bid else kind.price
        told = None if own.micro or sold is None or _more_cards(kind, lot.cards) else sold.quotation(lot.zones, spot=lot.bid)
        kind = kind if name in self._listed else _with(kind, lot.cards)
        if told is None:
            return _Priced(kind)
        return _Priced(replace(kind, spot_price=told.price) if lot.bid else replace(kind, price=told.price), told)


def _spec(sold: MachineType) -> KindSpec:
    """Without a price: those are the lot's to ask for."""
    return KindSpec(name=sold.name, cpu=sold.cpu, memory=sold.memory, gpus=sold.gpus, gpu=sold.gpu)


def _with(kind: KindSpec, cards: Cards) -> KindSpec:
    card, count = cards
    return replace(kind, gpu=card, gpus=count) if count else kind


def _more_cards(kind: KindSpec, cards: Cards) -> bool:
    """Whether it has others than its own: those are paid for by themselves."""
    return cards[1] > 0 and cards != (kind.gpu, kind.gpus)
