"""Where a replica answers, as balancers of clouds want it told: an IP address and a port."""

import ipaddress
import re

from autoscaler.errors import PolicyError

HIGHEST_PORT = 65_535


def split_address(address: str) -> tuple[str, int]:
    """`10.0.0.1:80`, `[fd00::1]:80`; PolicyError where it is neither."""
    host, _, port = address.rpartition(":")
    try:
        found = str(ipaddress.ip_address(host.removeprefix("[").removesuffix("]")))
    except ValueError as error:
        raise PolicyError(
            f"{address[:60]!r} is no address for a balancer of a cloud",
            hint="let the orchestrator know its nodes by their private IP address",
        ) from error
    if not re.fullmatch("[0-9]{1,5}", port) or not 0 < int(port) <= HIGHEST_PORT:
        raise PolicyError(f"{address[:60]!r} has no port", hint="a port is 1 to 65535")
    return found, int(port)


def joined_address(host: str, port: int) -> str:
    """host:port, with brackets where the host has colons."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
