"""The Runtime for tests: `VirtualRuntime`, whose time passes only when told."""

from autoscaler.simulation.virtual_runtime import EPOCH, VirtualRuntime

__all__ = ["EPOCH", "VirtualRuntime"]
