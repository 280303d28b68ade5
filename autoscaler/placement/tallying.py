"""What is counted together by rules between workloads: on each machine those put there, and those that run on every one."""

from collections.abc import Iterable, Mapping

from autoscaler.placement.columns import Columns
from autoscaler.placement.problem import Host
from autoscaler.placement.relations import Relations
from autoscaler.placement.rules import Tally


def count_daemons(columns: Columns, relations: Relations, row: int, host: Host, by: int) -> None:
    """`by` more of each that runs there as on every machine: rules see them, and they never move."""
    for ref in host.daemons:
        for tally in relations.tallies.get(ref, ()):
            columns.count(tally, row, by)


def tally_anew(columns: Columns, relations: Relations, rows: Mapping[str, int], hosts: Iterable[Host]) -> None:
    """By these relations instead of others."""
    columns.stood = {one: standing for one, standing in columns.stood.items() if not isinstance(one, Tally)}
    for workload, tallies in relations.tallies.items():
        if (standing := columns.standing(workload)) is not None:
            there = standing.nonzero()[0]
            for tally in tallies:
                columns.count(tally, there, standing[there])
    for host in hosts:
        count_daemons(columns, relations, rows[host.key], host, 1)
