"""What Azure's compute client raised, in our words; for calls that change something, whether they may have."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    SetupError,
    UnavailableError,
)

if TYPE_CHECKING:
    from azure.core.exceptions import HttpResponseError

T = TypeVar("T")

LONGEST = 200
FIRST_FAULT, TIMED_OUT, TOO_MANY, FIRST_SERVER_FAULT = 400, 408, 429, 500
# https://learn.microsoft.com/troubleshoot/azure/virtual-machine-scale-sets/allocation-failure and …/error-sku-not-available
SOLD_OUT = ("AllocationFailed", "ZonalAllocationFailed", "OverconstrainedAllocationRequest", "OverconstrainedZonalAllocationRequest")
NOT_SOLD = ("SkuNotAvailable", "NotAvailableForSubscription")
LATER = "nothing to do: it is asked again later"
AGAIN = "read the scale set again and decide again"
ELSEWHERE = "another kind of machine or another zone may do, or wait"
REACH = "is the Resource Manager reachable from here? see `url` of the pool"
BY_STATUS: dict[int, tuple[type[AutoscalerError], str]] = {
    401: (SetupError, "see which identity this process finds: az account show, or the machine's managed identity"),
    403: (SetupError, "grant the action it names to the identity this process runs under"),
    404: (NotFoundError, "name it as az vmss list shows it, in that subscription and resource group"),
    412: (ConflictError, AGAIN),
}
BY_WORDS: tuple[tuple[str, type[AutoscalerError], str], ...] = (
    ("AnotherOperationInProgress", ConflictError, AGAIN),
    ("OperationPreempted", ConflictError, AGAIN),
    ("Azure says Conflict:", ConflictError, AGAIN),
    ("is not an active Virtual Machine Scale Set VM instanceId", NotFoundError, AGAIN),
    ("MissingSubscriptionRegistration", SetupError, "az provider register --namespace Microsoft.Compute: we never do that ourselves"),
)


def read(call: Callable[[], T]) -> T:
    """The answer, or our error. Whatever it is, nothing changed."""
    try:
        return call()
    except AutoscalerError:
        raise
    except Exception as error:  # the client's parsers raise whatever a strange body leads them to
        raise _unchanged(error) from error


def write(call: Callable[[], T]) -> T:
    """The answer, or our error: OutcomeUnknownError unless it is sure that nothing was done."""
    from azure.core.exceptions import HttpResponseError, ServiceRequestError

    try:
        return call()
    except ServiceRequestError as error:  # it never left
        raise _unchanged(error) from error
    except HttpResponseError as error:
        status = error.status_code or 0
        sure = FIRST_FAULT <= status < FIRST_SERVER_FAULT and status != TIMED_OUT
        raise (_unchanged(error) if sure else OutcomeUnknownError(_words(error), hint=LATER)) from error
    except Exception as error:
        raise OutcomeUnknownError(f"Azure did not answer ({type(error).__name__})", hint=REACH) from error


def sold_out(code: str) -> bool:
    """Whether an error's code says that there is none of it left."""
    return code in SOLD_OUT + NOT_SOLD


def lacking(code: str, words: str) -> NoCapacityError | None:
    """What an error's code and message mean, if it is that there is none, or that we may have none."""
    if code == "QuotaExceeded" or (code == "OperationNotAllowed" and "quota" in words.lower()):
        return NoCapacityError(
            f"Azure says {code}: {words}"[:LONGEST], hint="raise the subscription's quota of cores; it is no matter of stock"
        )
    return NoCapacityError(f"Azure says {code}: {words}"[:LONGEST], hint=ELSEWHERE) if sold_out(code) else None


def _unchanged(error: Exception) -> AutoscalerError:
    from azure.core.exceptions import HttpResponseError

    if not isinstance(error, HttpResponseError) or not error.status_code:
        return UnavailableError(f"Azure does not answer ({type(error).__name__})", hint=REACH)
    code, words = _told(error)
    # Throttling first: there the service uses the code it uses for quotas.
    if error.status_code == TOO_MANY or not FIRST_FAULT <= error.status_code < FIRST_SERVER_FAULT:
        return UnavailableError(_words(error), hint=LATER)
    return lacking(code, words) or _refused(error)


def _refused(error: "HttpResponseError") -> AutoscalerError:
    words = _words(error)
    for telling, kind, hint in BY_WORDS:
        if telling in words:
            return kind(words, hint=hint)
    kind, hint = BY_STATUS.get(error.status_code or 0, (SetupError, "see the scale set's settings at Azure"))
    return kind(words, hint=hint)


def _told(error: "HttpResponseError") -> tuple[str, str]:
    found = error.error
    return (found.code or "?", found.message or "") if found else (f"HTTP {error.status_code}", "")


def _words(error: "HttpResponseError") -> str:
    return f"Azure says {': '.join(_told(error))}"[:LONGEST]
