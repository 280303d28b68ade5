"""How long launches that came to nothing are held against a pool, in whichever cloud."""

from autoscaler.model.quantities import Duration

FORGET = Duration(600_000)
"""Failures longer ago say nothing of the next launch."""

AGAIN = Duration(300_000)
"""For so long no more is asked for of what there was no capacity for."""
