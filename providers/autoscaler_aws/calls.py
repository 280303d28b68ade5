"""One call to AWS about a pool, and what it means when it fails; for calls that change something, whether it may have."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, TypeVar

from autoscaler.contracts.provider import Site
from autoscaler.contracts.runtime import Call
from autoscaler.errors import (
    AutoscalerError,
    ConflictError,
    NoCapacityError,
    NotFoundError,
    OutcomeUnknownError,
    SetupError,
    UnavailableError,
)
from autoscaler.model.quantities import Duration
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown
from autoscaler_aws.faults import BUSY, FIRST_SERVER_FAULT, LONGEST, REACH_HINT, said

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

T = TypeVar("T")

NO_SUCH = (
    "AutoScalingGroup name not found",
    "Group not found",
    "TargetGroupNotFound",
    "InvalidLaunchTemplateId.NotFound",
    "InvalidLaunchTemplateName.NotFound",
)
DENIED = ("AccessDenied", "UnauthorizedOperation")
UNDER_WAY = ("IdempotentCallInProgress", "ResourceContention", "ScalingActivityInProgress")
NOT_EXECUTED = tuple(code for code in BUSY if code not in ("ServiceUnavailable", "InternalFailure"))
THERE_HINT = "name what is there, in that region and account"
GROUP_HINT = "name it as `aws autoscaling describe-auto-scaling-groups` shows it, in that region and account"
LATER = "nothing to do: it is asked again later"


def read(call: Callable[[], T]) -> T:
    """The answer, or our error. Whatever it is, nothing changed."""
    try:
        return call()
    except Exception as error:  # botocore's parsers raise whatever a strange body leads them to
        raise failure(error) from error


def write(call: Callable[[], T]) -> T:
    """The answer, or our error: OutcomeUnknownError unless it is sure that nothing was done."""
    try:
        return call()
    except Exception as error:
        raise _left_open(error) or failure(error) from error


def together(site: Site, calls: Iterable[Callable[[], object]], deadline: Duration) -> list[Any]:
    """What they answer, asked at once; else the first error."""
    found = site.runtime.gather([Call(site.name, call) for call in calls], deadline)
    for one in found:
        if isinstance(one, AutoscalerError):
            raise one
    return found


@contextmanager
def begun(*, sent: bool) -> Iterator[None]:
    """Where something was `sent` before, no later error means that nothing was done; what there was no room for is told as it is."""
    try:
        yield
    except NoCapacityError:
        raise
    except AutoscalerError as error:
        if not sent:
            raise
        raise OutcomeUnknownError(f"some were launched, and then: {error}"[:LONGEST], hint=error.hint) from error


def failure(error: Exception) -> AutoscalerError:
    """What it means, nothing having been done."""
    found = said(error)
    if isinstance(found, AutoscalerError):
        return found
    if found.why is Code.MALFORMED:
        return UnavailableError(found.detail, hint=LATER)
    return _refused(found)


def _refused(found: Unknown) -> AutoscalerError:
    code, words = found.detail.partition(":")[0], f"AWS says {found.detail}"[:LONGEST]
    if found.why is Code.NOT_FOUND or any(words_of in found.detail for words_of in NO_SUCH):
        return NotFoundError(words, hint=THERE_HINT)
    if code.startswith(DENIED):
        return SetupError(words, hint="grant the action it names to the role this process runs under")
    if code.startswith("Idempotent"):
        return ConflictError(words, hint="read the group again and decide again")
    return SetupError(words, hint="see the group's settings at AWS")


def _left_open(error: Exception) -> AutoscalerError | None:
    """An error that leaves open whether it was done; None where it is sure that it was not."""
    from botocore import exceptions as aws

    if isinstance(error, aws.EndpointConnectionError | aws.ConnectTimeoutError | aws.ProxyConnectionError | aws.SSLError):
        return None
    if isinstance(error, aws.HTTPClientError | aws.ConnectionError):
        return OutcomeUnknownError(f"AWS did not answer ({type(error).__name__})", hint=REACH_HINT)
    if isinstance(error, aws.ClientError):
        return _open(error)
    return (
        None if isinstance(error, aws.BotoCoreError | AutoscalerError) else OutcomeUnknownError("AWS's answer cannot be read", hint=LATER)
    )


def _open(error: "ClientError") -> AutoscalerError | None:
    code = str(error.response.get("Error", {}).get("Code", ""))
    status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code.startswith(NOT_EXECUTED) or (status < FIRST_SERVER_FAULT and not code.startswith(UNDER_WAY)):
        return None
    return OutcomeUnknownError(f"AWS says {code}", hint=LATER)
