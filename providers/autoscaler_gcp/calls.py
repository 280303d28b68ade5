"""One call to Compute Engine, and what it means when it fails; for calls that change something, whether it may have.

https://cloud.google.com/compute/docs/troubleshooting/troubleshooting-api-errors, https://cloud.google.com/compute/api-quota
"""

from collections.abc import Callable, Mapping
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
    from google.api_core.exceptions import GoogleAPICallError

T = TypeVar("T")
LONGEST = 200
TOO_MANY, FIRST_SERVER_FAULT = 429, 500
# A rate that is exceeded is told by 403 as often as by 429.
THROTTLED = ("rateLimitExceeded", "userRateLimitExceeded", "RATE_LIMIT_EXCEEDED", "RESOURCE_EXHAUSTED", "resourceNotReady")
RACED = ("memberAlreadyExists", "memberNotFound")
"""Of an instance group, which somebody else changed meanwhile."""

QUOTA = ("quotaExceeded", "QUOTA_EXCEEDED")
LATER = "nothing to do: it is asked again later"
REACH_HINT = "is it reachable from here? see `url` of the pool, and the environment's proxies"
SIGN_IN_HINT = "run gcloud auth application-default login, or name a key file in GOOGLE_APPLICATION_CREDENTIALS"
GROUP_HINT = "name it as `gcloud compute instance-groups managed list` shows it, with its own zone or region, and see who we are there"
QUOTA_HINT = "ask Google for more of the project's quota, or let the pool be smaller"

CHANGED = (ConflictError, "read the group again and decide again")
MEANING: Mapping[int, tuple[type[AutoscalerError], str]] = {
    401: (SetupError, SIGN_IN_HINT),
    403: (SetupError, "grant the permission it names to the account this process runs under"),
    404: (NotFoundError, GROUP_HINT),
    409: CHANGED,
    412: CHANGED,
}


def read(call: Callable[[], T]) -> T:
    """The answer, or our error. Whatever it is, nothing changed."""
    try:
        return call()
    except AutoscalerError:  # of ours already: no time was left, or something is not installed
        raise
    except Exception as error:  # a strange body lets parsers raise whatever they like
        raise failure(error) from error


def write(call: Callable[[], T]) -> T:
    """The answer, or our error: OutcomeUnknownError unless it is sure that nothing was done."""
    try:
        return call()
    except AutoscalerError:  # of ours already: no time was left, or something is not installed
        raise
    except Exception as error:
        raise _left_open(error) or failure(error) from error


def failure(error: Exception) -> AutoscalerError:
    """What it means, nothing having been done."""
    import requests
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    match error:
        case api.GoogleAPICallError():
            return _answered(error)
        case auth.TransportError() | requests.RequestException():
            return UnavailableError(f"Compute Engine does not answer ({type(error).__name__})", hint=REACH_HINT)
        case auth.GoogleAuthError():
            # Its own words may hold what was sent: its kind is enough.
            return _unsigned(error)
        case _:
            return UnavailableError(f"the answer is none of Compute Engine ({type(error).__name__})", hint=LATER)


def _unsigned(error: Exception) -> AutoscalerError:
    kind = type(error).__name__
    if getattr(error, "retryable", False):
        return UnavailableError(f"nobody signs us in to Google ({kind})", hint=LATER)
    return SetupError(f"Google does not know us ({kind})", hint=SIGN_IN_HINT)


def _answered(error: "GoogleAPICallError") -> AutoscalerError:
    words, reasons, code = f"Google says: {error.message}"[:LONGEST], _reasons(error), error.code or FIRST_SERVER_FAULT
    if code == TOO_MANY or code >= FIRST_SERVER_FAULT or reasons.intersection(THROTTLED):
        return UnavailableError(words, hint=LATER)
    if reasons.intersection(RACED):
        return ConflictError(words, hint="read the group again and decide again")
    if reasons.intersection(QUOTA):
        return NoCapacityError(words, hint=QUOTA_HINT)
    kind, hint = MEANING.get(code, (SetupError, "see the group's settings at Google"))
    return kind(words, hint=hint)


def _reasons(error: "GoogleAPICallError") -> frozenset[str]:
    told = {one.get("reason", "") for one in error.errors if isinstance(one, dict)}
    return frozenset(told | {error.reason or ""})


def _left_open(error: Exception) -> AutoscalerError | None:
    """An error that leaves open whether it was done; None where it is sure that it was not."""
    import requests
    from google.api_core import exceptions as api
    from google.auth import exceptions as auth

    match error:
        case api.GoogleAPICallError():
            sure = (error.code or FIRST_SERVER_FAULT) < FIRST_SERVER_FAULT
            return None if sure else OutcomeUnknownError(f"Google says: {error.message}"[:LONGEST], hint=LATER)
        case auth.GoogleAuthError() | requests.ConnectTimeout():
            return None
        case requests.ConnectionError() if _never_connected(error):
            return None
        case requests.RequestException():
            return OutcomeUnknownError(f"Compute Engine did not answer ({type(error).__name__})", hint=REACH_HINT)
        case _:
            return OutcomeUnknownError(f"Compute Engine's answer cannot be read ({type(error).__name__})", hint=LATER)


def _never_connected(error: Exception) -> bool:
    """Whether no byte was sent: requests says the same of a connection that was refused and of one that was cut."""
    from urllib3 import exceptions as http

    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, http.MaxRetryError) else cause
    return isinstance(reason, http.NewConnectionError | http.ConnectTimeoutError | http.NameResolutionError | http.ProxyError)
