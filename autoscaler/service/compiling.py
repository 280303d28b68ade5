"""What placement compiles is ready before it is needed: made by a process of its own, of the lowest priority, while ticks go on.

Once after an installation that is a minute of one core; kept on disk it is read in a second or two. That process is
`python -m autoscaler.service.compiling`, which ends with the one that started it.
"""

import os
import subprocess
import sys
from collections.abc import Callable

from autoscaler.model.quantities import Duration
from autoscaler.placement.buying import SOLVER
from autoscaler.service.runtime import Wake, background

NICE = 19
GLANCE = Duration(1000)
"""Between two looks whether whoever started it is still there."""


def compile_ahead() -> Callable[[], None]:
    """Begin, where there is a compiler; what ends it, however far it came."""
    # To ask the compiler itself would bring it into this process, which may never buy anything.
    if not SOLVER or os.environ.get("NUMBA_DISABLE_JIT", "0") != "0":
        return lambda: None
    child = subprocess.Popen(
        [sys.executable, "-m", "autoscaler.service.compiling"],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    background(child.wait, "compiling")
    return child.kill


def main() -> None:
    """Compile everything."""
    os.nice(NICE)
    parent = os.getppid()
    background(lambda: _end_with(parent), "parent")
    from autoscaler.placement.mixing.warming import warm as mixes
    from autoscaler.placement.stranding.warming import warm as scores

    mixes()
    scores()


def _end_with(parent: int) -> None:
    never = Wake()
    while os.getppid() == parent:
        never.wait(GLANCE)
    os._exit(0)


if __name__ == "__main__":
    main()
