"""Who must act next.

AutoscalerError          exit 1 unless said
  UsageError             whoever typed the command, exit 64
  PolicyError            the policy's author, exit 5
  StalePlanError         whoever applies: plan again, exit 3
  RefusedError           the operator: a guard or another owner said no, exit 4
    LostLeaseError       this process: another one leads now; stop writing
  SetupError             the cluster's administrator
    NotFoundError        no such object, or hidden from us
  ProviderError          we do, at a later tick
    UnavailableError     throttled or down: nothing changed
    NoCapacityError      sold out: try another offering
    ConflictError        the object changed since it was read: read again
    OutcomeUnknownError  sent, no reply: read back first
  StoreError             whoever runs the store: nothing was written, so nothing was done
"""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Self


class AutoscalerError(Exception):
    """Raised on purpose; shown with its hint, without a traceback."""

    exit_code: ClassVar[int] = 1

    def __init__(self, problem: str, *, hint: str) -> None:
        super().__init__(problem)
        self.hint = hint

    # pickle calls the class with `args` alone: without this, an error in a
    # worker process breaks the executor instead of reaching its caller.
    def __reduce__(self) -> tuple[Callable[..., Self], tuple[object, ...]]:
        return partial(type(self), hint=self.hint), self.args


class UsageError(AutoscalerError):
    """The command was called in a way it cannot answer."""

    exit_code = 64


class PolicyError(AutoscalerError):
    """A policy file, or a value in it, says something we cannot follow."""

    exit_code = 5


class StalePlanError(AutoscalerError):
    """The world is no longer the one the plan was made for."""

    exit_code = 3


class RefusedError(AutoscalerError):
    """A guard or another owner of the cluster forbids the change."""

    exit_code = 4


class LostLeaseError(RefusedError):
    """The term this process holds is over: no write of it may do harm."""


class SetupError(AutoscalerError):
    """Something must be installed, granted or started before we can work."""


class NotFoundError(SetupError):
    """The object does not exist, or we may not see it."""


class ProviderError(AutoscalerError):
    """The outside world did not do what was asked; a later tick tries again."""


class UnavailableError(ProviderError):
    """Throttled, down or too slow before anything was sent: nothing changed."""


class NoCapacityError(ProviderError):
    """Sold out or over quota: another offering may do."""


class ConflictError(ProviderError):
    """The object changed since it was read; nothing was written."""


class OutcomeUnknownError(ProviderError):
    """The request was sent and no reply came: read back before anything else."""


class StoreError(AutoscalerError):
    """The store cannot be read or written: nothing was journalled, so nothing may be done."""
