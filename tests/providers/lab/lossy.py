"""A pool whose replies may be lost on their way: what was asked for was done."""

from autoscaler.contracts.pool_writer import PoolWriter
from autoscaler.errors import OutcomeUnknownError
from autoscaler.model.refs import InstanceRef, OfferingName, Token


class Lossy:
    """`lose`: the next reply."""

    def __init__(self, writer: PoolWriter) -> None:
        self._writer = writer
        self._lost = False

    def lose(self) -> None:
        """It is done, and nobody hears of it."""
        self._lost = True

    def grow(self, *, seen: int, wanted: int, token: Token, offering: OfferingName | None = None) -> None:
        self._writer.grow(seen=seen, wanted=wanted, token=token, offering=offering)
        self._told()

    def release(self, gone: frozenset[InstanceRef], *, token: Token) -> None:
        self._writer.release(gone, token=token)
        self._told()

    def _told(self) -> None:
        if self._lost:
            self._lost = False
            raise OutcomeUnknownError("no reply", hint="read it back")
