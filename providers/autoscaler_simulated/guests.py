"""Asks a stand-in for a cloud which of its machines run: they are nodes of the simulated cluster."""

import json
import ssl
from dataclasses import dataclass
from functools import cache

import httpx2

from autoscaler.config.secrets import Url
from autoscaler.errors import UnavailableError
from autoscaler.model.devices import Device
from autoscaler.model.resources import Resources
from autoscaler.simulation.world.guests import Guest

TIMEOUT_S = 5.0
GPU = "nvidia.com/gpu"
TYPE_LABEL, ZONE_LABEL = "node.kubernetes.io/instance-type", "topology.kubernetes.io/zone"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A stand-in for a cloud (`autoscaler lab cloud`), whose machines join with these labels beside their instance type and zone."""

    url: Url
    labels: tuple[tuple[str, str], ...] = ()


def guests(cloud: Cloud) -> list[Guest]:
    """Its machines that run; UnavailableError where it does not answer."""
    url = f"{cloud.url.text.rstrip('/')}/_standin/machines"
    try:
        with httpx2.Client(timeout=TIMEOUT_S, trust_env=False, verify=_nobody()) as client:
            answer = client.get(url).raise_for_status()
        return [_guest(one, dict(cloud.labels)) for one in json.loads(answer.content)]
    except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
        raise UnavailableError(
            f"the stand-in at {cloud.url} does not answer ({type(error).__name__})", hint="start it: autoscaler lab cloud --help"
        ) from error


@cache
def _nobody() -> ssl.SSLContext:
    """Who is trusted: stand-ins speak plain HTTP, and reading all authorities takes a tenth of a second."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _guest(one: dict[str, str], labels: dict[str, str]) -> Guest:
    where = {TYPE_LABEL: one["type"], ZONE_LABEL: one["zone"]}
    return Guest(
        name=one["node"],
        machine=one["id"],
        capacity=Resources(int(one["cpu_milli"]), int(one["memory_bytes"])),
        labels=tuple(sorted({**where, **labels}.items())),
        devices=(Device(GPU, one["gpu"]),) * int(one["gpus"]),
        since=int(one["since"]),
    )
