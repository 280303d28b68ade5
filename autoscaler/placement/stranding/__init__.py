"""Where a replica goes so that what is left over stays usable: for machines with GPUs, whole and shared, and for those with none.

`columns` are the question, `ledger` what is free, `mix` what is expected to come, `worth` what room is good for. `states` keeps alike nodes
together, `scoring` says what each choice costs (`compiled`, or `plain` with the same answers), `placer` chooses, `rebalancing` moves.
Integers only; nothing here knows the time.
"""

from autoscaler.placement.stranding.columns import Classes, Nodes, Place
from autoscaler.placement.stranding.ledger import Ledger
from autoscaler.placement.stranding.placer import Placer
from autoscaler.placement.stranding.rebalancing import Entry, Move, Rebalanced, Standing, Step, rebalance

__all__ = ["Classes", "Entry", "Ledger", "Move", "Nodes", "Place", "Placer", "Rebalanced", "Standing", "Step", "rebalance"]
