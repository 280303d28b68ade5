"""Asks a stand-in for a cloud which of its machines run: they are nodes of the simulated cluster."""

import json
import ssl
from dataclasses import dataclass
from functools import cache

import httpx2

from autoscaler.config.secrets import Url
from autoscaler.errors import UnavailableError
from autoscaler.model.quantities import Cpu, Memory
from autoscaler.simulation.world.guests import Guest
from autoscaler_clouds.kinds import Furnishing, KindSpec, Labels, Place, offering

TIMEOUT_S = 5.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Cloud:
    """A stand-in for a cloud (`autoscaler lab cloud`), whose machines join with these labels beside their instance type and zone."""

    url: Url
    labels: Labels = ()


def guests(cloud: Cloud) -> list[Guest]:
    """Its machines that run; UnavailableError where it does not answer."""
    url = f"{cloud.url.text.rstrip('/')}/_standin/machines"
    try:
        with httpx2.Client(timeout=TIMEOUT_S, trust_env=False, verify=_nobody()) as client:
            answer = client.get(url).raise_for_status()
        return [_guest(one, cloud.labels) for one in json.loads(answer.content)]
    except (httpx2.HTTPError, ValueError, LookupError, TypeError) as error:
        raise UnavailableError(
            f"the stand-in at {cloud.url} does not answer ({type(error).__name__})", hint="start it: autoscaler lab cloud --help"
        ) from error


@cache
def _nobody() -> ssl.SSLContext:
    """Who is trusted: stand-ins speak plain HTTP, and reading all authorities takes a tenth of a second."""
    return ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


def _guest(one: dict[str, str], labels: Labels) -> Guest:
    """What a pool offers of its kind is what such a node has."""
    kind = KindSpec(
        name=one["type"],
        cpu=Cpu(int(one["cpu_milli"])),
        memory=Memory(int(one["memory_bytes"])),
        gpus=int(one["gpus"]),
        gpu=one["gpu"],
    )
    has = offering(kind, Place(zone=one["zone"]), Furnishing(labels=labels))
    return Guest(
        name=one["node"],
        machine=one["id"],
        capacity=has.capacity,
        labels=has.labels,
        devices=has.devices,
        since=int(one["since"]),
        address=one["address"],
    )
