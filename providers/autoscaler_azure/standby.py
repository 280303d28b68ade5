"""How many machines stand by for a scale set, made already and stopped.

https://learn.microsoft.com/azure/virtual-machine-scale-sets/standby-pools-overview, and …/standby-pools-get-details
"""

from collections.abc import Mapping
from typing import Any

from autoscaler.errors import NotFoundError, UnavailableError
from autoscaler_azure.compute import Session
from autoscaler_azure.compute_faults import LATER, read
from autoscaler_azure.settings import AzurePool

VERSION = "2025-03-01"
STOPPED = frozenset({"deallocated", "hibernated"})
"""States of those that growing starts first; while they are made they run for a while, and are not given out."""


def path_of(settings: AzurePool) -> str:
    """Of its standby pool, which is in the resource group of the set."""
    return f"{settings.group}/providers/Microsoft.StandbyPool/standbyVirtualMachinePools/{settings.standby_pool}"


def standing_by(settings: AzurePool, session: Session) -> int:
    """None where that cannot be known just now: nothing rests on it but which pool of equals grows. NotFoundError without such a pool."""
    from azure.core.rest import HttpRequest

    def ask() -> int:
        url = f"{path_of(settings)}/runtimeViews/latest"
        found = session.client.send_request(HttpRequest("GET", url, params={"api-version": VERSION}), **session.limits())
        found.raise_for_status()
        return counted(found.json())

    try:
        return read(ask)
    except UnavailableError:
        return 0
    except NotFoundError as error:
        raise NotFoundError(
            str(error), hint="name it as az standby-vm-pool list shows it, in the set's resource group"
        ) from error.__cause__


def counted(told: Mapping[str, Any]) -> int:
    """By its runtime view, which counts in each zone. UnavailableError where it is none."""
    try:
        each = [one for zone in told["properties"]["instanceCountSummary"] for one in zone["instanceCountsByState"]]
        return sum(int(one["count"]) for one in each if str(one["state"]).lower() in STOPPED)
    except (KeyError, TypeError, ValueError) as error:
        raise UnavailableError("the answer is not as Azure's are", hint=LATER) from error
