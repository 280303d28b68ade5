"""How much load there is at one instant: integers in, integers out."""

from zlib import crc32

from autoscaler.simulation.world.specs import Load

WOBBLE = 10_000
"""Milliseconds for which the noise stays as it is."""


def rps(load: Load, age: int, salt: str) -> int:
    """Requests per second `age` milliseconds after the beginning; `salt` (seed and name) decides the noise."""
    level = _stepped(load, age) if load.steps else _daily(load, age)
    if load.spike_at.ms <= age < load.spike_at.ms + load.spike_for.ms:
        level += load.spike
    return max(0, level + level * _noise(load, age, salt) // 1000)


def _stepped(load: Load, age: int) -> int:
    passed = [step.rps for step in load.steps if step.at.ms <= age]
    return passed[-1] if passed else load.base


def _daily(load: Load, age: int) -> int:
    """A parabola over the day: `base` at midnight, `peak` at noon."""
    if load.peak is None:
        return load.base
    hour = age % load.day.ms * 2000 // load.day.ms
    return load.base + (load.peak - load.base) * hour * (2000 - hour) // 1_000_000


def _noise(load: Load, age: int, salt: str) -> int:
    if not load.noise.milli:
        return 0
    rolled = crc32(f"{salt}/{age // WOBBLE}".encode())
    return rolled % (2 * load.noise.milli + 1) - load.noise.milli
