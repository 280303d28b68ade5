"""The bridge, and a network namespace with a cable to it per engine. Each call is harmless when repeated."""

import contextlib
import json
from pathlib import Path

from autoscaler.errors import SetupError
from autoscaler_lab.commands import run, succeeds
from autoscaler_lab.layout import Address, EnginePaths, LabSpec

NAMESPACES = Path("/run/netns")
FILTERED = Path("/proc/sys/net/bridge/bridge-nf-call-iptables")


def check_free(spec: LabSpec) -> None:
    """SetupError if another lab has the prefix, or anything else on this machine the subnet."""
    if _link_exists(spec.bridge):
        raise SetupError(
            f"the bridge {spec.bridge} is there already: another lab uses the prefix {spec.prefix!r}",
            hint="choose another --prefix and --subnet, or remove the other lab with `autoscaler lab down`",
        )
    taken = [address for address in _addresses() if address.overlaps(spec.subnet)]
    if taken:
        raise SetupError(f"{spec.subnet} overlaps {taken[0].network} of this machine", hint="choose another --subnet")


def make_bridge(spec: LabSpec) -> None:
    """The bridge with the machine's address on it."""
    if not _link_exists(spec.bridge):
        run("ip", "link", "add", spec.bridge, "type", "bridge")
    run("ip", "addr", "replace", spec.gateway, "dev", spec.bridge)
    run("ip", "link", "set", spec.bridge, "up")
    _let_through(spec)


def remove_bridge(spec: LabSpec) -> None:
    """The bridge and its rule in the firewall; gone already is fine."""
    while succeeds("iptables", "-D", *_rule(spec)):
        pass
    succeeds("ip", "link", "del", spec.bridge)


def attach(engine: EnginePaths) -> None:
    """A namespace with `eth0` on the bridge.

    No default route: with one, each start of a container waits 20 s for a pull from a registry to time out.
    """
    run("ip", "netns", "add", engine.namespace)
    run("ip", "link", "add", engine.link, "type", "veth", "peer", "name", "eth0", "netns", engine.namespace)
    run("ip", "link", "set", engine.link, "master", engine.lab.bridge, "up")
    inside = ("ip", "-n", engine.namespace)
    run(*inside, "link", "set", "lo", "up")
    run(*inside, "addr", "add", engine.address_with_length, "dev", "eth0")
    run(*inside, "link", "set", "eth0", "up")


def detach(engine: EnginePaths) -> None:
    """Removes the cable and the namespace; gone already is fine."""
    succeeds("ip", "link", "del", engine.link)
    if (NAMESPACES / engine.namespace).exists():
        run("ip", "netns", "del", engine.namespace)


def namespaces_in_use() -> bool:
    """Whether `ip netns` has made its folder a mount of its own on this machine."""
    # Not Path.is_mount: it does not see a folder that is mounted onto itself, which is what `ip netns` makes.
    points = [line.split(" ")[1] for line in Path("/proc/self/mounts").read_text().splitlines()]
    return str(NAMESPACES) in points


def forget_namespaces() -> None:
    """Undoes that mount, if no namespace of anybody is left in it."""
    if namespaces_in_use() and not any(NAMESPACES.iterdir()):
        succeeds("umount", str(NAMESPACES))
        with contextlib.suppress(OSError):
            NAMESPACES.rmdir()


def _link_exists(name: str) -> bool:
    return Path("/sys/class/net", name).exists()


def _addresses() -> list[Address]:
    links: list[dict[str, list[dict[str, str]]]] = json.loads(run("ip", "-4", "-json", "addr"))
    found = [address for link in links for address in link.get("addr_info", ())]
    return [Address.of(address["local"], int(address["prefixlen"])) for address in found]


def _let_through(spec: LabSpec) -> None:
    # Where a Docker of the machine's own is set up, bridged packets pass iptables and its FORWARD drops them.
    filtered = FILTERED.exists() and FILTERED.read_text().strip() == "1"
    if filtered and not succeeds("iptables", "-C", *_rule(spec)):
        succeeds("iptables", "-I", *_rule(spec))


def _rule(spec: LabSpec) -> tuple[str, ...]:
    return ("FORWARD", "-i", spec.bridge, "-o", spec.bridge, "-j", "ACCEPT")
