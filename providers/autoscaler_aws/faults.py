"""What botocore raised, in our words: an AutoscalerError when the whole source fails, Unknown when one question does."""

from typing import TYPE_CHECKING

from autoscaler.errors import AutoscalerError, SetupError, UnavailableError
from autoscaler.model.reasons import Code
from autoscaler.model.samples import Unknown

if TYPE_CHECKING:
    from botocore.exceptions import ClientError

LONGEST = 200
TOO_MANY, FIRST_SERVER_FAULT = 429, 500
# https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/CommonErrors.html
BUSY = ("Throttl", "RequestThrottled", "RequestLimitExceeded", "TooManyRequests", "ServiceUnavailable", "InternalFailure")
NO_KEYS = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "IncompleteSignature",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "MissingAuthenticationToken",
        "OptInRequired",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
ILL_ASKED = ("ValidationError", "InvalidParameter", "MissingRequiredParameter")
GONE = ("QueueDoesNotExist", "AWS.SimpleQueueService.NonExistentQueue")
KEYS_HINT = "check the clock, and which keys this process finds: aws sts get-caller-identity"
REACH_HINT = "is the region's endpoint reachable from here? see `region` and `endpoint_url` of the source"


def said(error: Exception) -> AutoscalerError | Unknown:
    """What it means. Anything botocore has no name for came from a body its parser fell over."""
    from botocore import exceptions as aws

    match error:
        case AutoscalerError():
            return error
        case aws.ClientError():
            return _answered(error)
        case aws.HTTPClientError() | aws.ConnectionError():
            return UnavailableError(f"AWS does not answer ({type(error).__name__})", hint=REACH_HINT)
        case aws.ParamValidationError():
            return Unknown(Code.REFUSED, str(error)[:LONGEST])
        case aws.BotoCoreError():
            # No keys, half of them, no such profile, a sign-in that ended: the words name files, not keys.
            return SetupError(f"AWS cannot be asked: {error}"[:LONGEST], hint=KEYS_HINT)
        case _:
            return Unknown(Code.MALFORMED, f"the answer is none of AWS ({type(error).__name__})")


def blames_the_text(error: Exception) -> bool:
    """Whether AWS refused what was asked, not who asked: then a part of it may be fine."""
    from botocore import exceptions as aws

    return isinstance(error, aws.ParamValidationError) or (isinstance(error, aws.ClientError) and _code(error).startswith(ILL_ASKED))


def _code(error: "ClientError") -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def _answered(error: "ClientError") -> AutoscalerError | Unknown:
    code, status = _code(error), error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    words = f"{code}: {error.response.get('Error', {}).get('Message', '')}"[:LONGEST]
    if code.startswith(BUSY) or status >= FIRST_SERVER_FAULT or status == TOO_MANY:
        return UnavailableError(f"AWS says {words}"[:LONGEST], hint="nothing to do: it is asked again later")
    if code in NO_KEYS:
        # Its message repeats the signed request, session token and all.
        return SetupError(f"AWS does not accept our keys: {code}", hint=KEYS_HINT)
    return Unknown(Code.NOT_FOUND if code.startswith(GONE) else Code.REFUSED, words)
