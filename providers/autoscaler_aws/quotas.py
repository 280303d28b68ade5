"""AWS's quotas of vCPUs, which are of classes of instance types and of markets, and how much of them runs. Pure.

https://docs.aws.amazon.com/ec2/latest/instancetypes/ec2-instance-quotas.html
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types_boto3_ec2.type_defs import InstanceTypeDef

SPOT = "spot"
STANDARD = "standard (A, C, D, H, I, M, R, T, Z)"
CLASSES = {
    "g": "G and VT",
    "vt": "G and VT",
    "p": "P",
    "x": "X",
    "inf": "Inf",
    "f": "F",
    "dl": "DL",
    "trn": "Trn",
    "hpc": "HPC",
    "mac": "Mac",
}
"""By the letters an instance type begins with; the standard ones, im4gn among them, have one class together."""

CODES = {
    (STANDARD, False): "L-1216C47A",
    (STANDARD, True): "L-34B43A08",
    ("G and VT", False): "L-DB2E81BA",
    ("G and VT", True): "L-3819A6DF",
    ("P", False): "L-417A185B",
    ("P", True): "L-7212CCBC",
    ("X", False): "L-7295265B",
    ("X", True): "L-E3A00192",
}
"""Of the classes that are asked about; of others nothing is told."""

LETTERS = re.compile(r"[a-z]+")
STANDARD_LETTERS = tuple("acdhimrtz")


@dataclass(frozen=True, slots=True, order=True)
class Bucket:
    """Types of one class in one market share a quota."""

    of: str
    spot: bool

    @property
    def code(self) -> str:
        """As Service Quotas calls it; empty for one that is not known."""
        return CODES.get((self.of, self.spot), "")

    def __str__(self) -> str:
        return f"vCPUs {'as spot' if self.spot else 'on demand'}, {self.of},"


def bucket(kind: str, *, spot: bool) -> Bucket:
    """Where an instance type counts."""
    found = LETTERS.match(kind)
    letters = found[0] if found else ""
    return Bucket(CLASSES.get(letters) or (STANDARD if letters[:1] in STANDARD_LETTERS else letters), spot)


def used(machines: Iterable["InstanceTypeDef"]) -> Counter[Bucket]:
    """How many vCPUs run in each."""
    found = Counter[Bucket]()
    for one in machines:
        cores = one.get("CpuOptions", {})
        where = bucket(one.get("InstanceType", ""), spot=one.get("InstanceLifecycle", "") == SPOT)
        found[where] += cores.get("CoreCount", 0) * cores.get("ThreadsPerCore", 1)
    return found
