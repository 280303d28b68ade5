"""How the Resource Manager says yes and no."""

import json
from collections.abc import Mapping
from typing import Any

from autoscaler_standins.azure.model import Published, checked
from autoscaler_standins.azure.views import failed
from autoscaler_standins.serving import Asked, Reply

Json = Any
IF_MATCH = "if-match"
MANY = 429
REFUSED = {
    "AuthorizationFailed": "The client does not have authorization to perform action 'Microsoft.Compute/virtualMachineScaleSets/write'.",
    "TooManyRequests": "The server rejected the request because too many requests have been received for this subscription.",
    "OperationNotAllowed": "Operation could not be completed as it results in exceeding approved Total Regional Cores quota.",
    "SkuNotAvailable": "The requested VM size is currently not available in location 'westeurope'.",
    "PreconditionFailed": "The etag provided in if-match header does not match the current etag of the resource.",
}


class NoError(Exception):
    """An answer of the cloud."""

    def __init__(self, status: int, code: str, message: str = "") -> None:
        super().__init__(code)
        self.status, self.code, self.message = status, code, message or REFUSED.get(code, code)


def found_nothing(kind: str, name: str, group: str, provider: str = "Microsoft.Compute") -> NoError:
    """Of what is not there."""
    return NoError(404, "ResourceNotFound", f"The Resource '{provider}/{kind}/{name}' under resource group '{group}' was not found.")


def absolute(asked: Asked, path: str) -> str:
    """A path here, as the protocol demands addresses."""
    return f"http://{asked.headers['host']}{path}"


def held(value: Json, model: Published, headers: Mapping[str, str] | None = None) -> Reply:
    """The same as `replied`, checked."""
    return replied(checked(value, model), headers=headers or {})


def refused(status: int, code: str, message: str) -> Reply:
    """In 429 the service says what it says of a quota in 409: only the status tells them apart."""
    many = ((code, "HighCostGetVMScaleSet30Min"),) if status == MANY else ()
    shown = "OperationNotAllowed" if many else code
    return replied(failed(shown, message, many), status=status, headers={"Retry-After": "7"} if many else {})


def replied(value: Json, *, status: int = 200, headers: Mapping[str, str] | None = None) -> Reply:
    """As JSON."""
    return Reply(body=json.dumps(value).encode(), status=status, headers={"Content-Type": "application/json", **(headers or {})})
