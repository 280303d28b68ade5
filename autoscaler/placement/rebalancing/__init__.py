"""Whole-cluster rebalancing."""

from autoscaler.placement.rebalancing.board import UNLIMITED, Board, Containers, Cost, Costs, Nodes, Rebalanced, Workloads, anywhere

__all__ = ["UNLIMITED", "Board", "Containers", "Cost", "Costs", "Nodes", "Rebalanced", "Workloads", "anywhere"]
