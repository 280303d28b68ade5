"""Machine types that this cloud has: few, with the vendor's own figures.

https://cloud.google.com/compute/docs/general-purpose-machines, https://cloud.google.com/compute/docs/gpus
"""

from autoscaler.model.quantities import Cpu, Memory
from autoscaler_clouds.kinds import KindSpec

GI = 2**30
KINDS = {
    one.name: one
    for one in (
        KindSpec(name="e2-standard-2", cpu=Cpu(2000), memory=Memory(8 * GI)),
        KindSpec(name="e2-standard-4", cpu=Cpu(4000), memory=Memory(16 * GI)),
        KindSpec(name="n2-standard-2", cpu=Cpu(2000), memory=Memory(8 * GI)),
        KindSpec(name="n2-standard-8", cpu=Cpu(8000), memory=Memory(32 * GI)),
        KindSpec(name="n2-standard-4", cpu=Cpu(4000), memory=Memory(16 * GI)),
        KindSpec(name="c3-standard-4", cpu=Cpu(4000), memory=Memory(16 * GI)),
        KindSpec(name="g2-standard-4", cpu=Cpu(4000), memory=Memory(16 * GI), gpus=1, gpu="nvidia-l4"),
    )
}
