"""Where a replica goes so that what is left over stays usable: for machines with GPUs, whole and shared, and for those with none.

`worth` is what room is good for, `scoring` says what each choice costs (`compiled`, or `plain` with the same answers), `states` keeps alike
nodes together, and a `board` all scores until they change: that is what `placement/naming.py` asks. Apart from the engine's ledger, for
`benchmarks/openb`: `columns` are the question, `ledger` what is free, `mix` what has come, `placer` chooses, `rebalancing` moves.
Integers only; nothing here knows the time.
"""

from autoscaler.placement.stranding.columns import Classes, Nodes, Place
from autoscaler.placement.stranding.ledger import Ledger
from autoscaler.placement.stranding.placer import Placer
from autoscaler.placement.stranding.rebalancing import Entry, Move, Rebalanced, Standing, Step, rebalance

__all__ = ["Classes", "Entry", "Ledger", "Move", "Nodes", "Place", "Placer", "Rebalanced", "Standing", "Step", "rebalance"]
