"""Machine types that this cloud has: few, with the vendor's own figures.

https://cloud.google.com/compute/docs/general-purpose-machines, https://cloud.google.com/compute/docs/gpus
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """All that a machine of it has."""

    name: str
    cpus: int
    memory_mb: int
    gpus: int = 0
    gpu: str = ""


KINDS = {
    one.name: one
    for one in (
        Kind(name="e2-standard-2", cpus=2, memory_mb=8192),
        Kind(name="e2-standard-4", cpus=4, memory_mb=16384),
        Kind(name="e2-highmem-4", cpus=4, memory_mb=32768),
        Kind(name="n2-standard-2", cpus=2, memory_mb=8192),
        Kind(name="n2-standard-4", cpus=4, memory_mb=16384),
        Kind(name="n2-standard-8", cpus=8, memory_mb=32768),
        Kind(name="c3-standard-4", cpus=4, memory_mb=16384),
        Kind(name="g2-standard-4", cpus=4, memory_mb=16384, gpus=1, gpu="nvidia-l4"),
    )
}
