"""Policies by label become policies by name."""

from collections.abc import Iterator
from dataclasses import replace

from autoscaler.contracts.policy import ClusterPolicies, Policy, PolicySelector
from autoscaler.model.observations import ClusterState
from autoscaler.model.refs import PolicyName, WorkloadRef
from autoscaler.model.workloads import Workload, WorkloadKind


def resolve(policies: ClusterPolicies, state: ClusterState | None) -> ClusterPolicies:
    """The same with a policy of its own for each workload a selector finds, and only the selectors that find none.

    As it is while the cluster is unknown. A workload that a policy names keeps it, and of several selectors the first in the file wins:
    more of them cannot fight over it.
    """
    if state is None or not policies.selectors:
        return policies
    named = {policy.workload for policy in policies.policies}
    found = tuple(_found(policies.selectors, (one for one in state.workloads if one.ref not in named)))
    idle = tuple(one for one in policies.selectors if not any(_selects(one, workload) for workload in state.workloads))
    return replace(policies, policies=policies.policies + found, selectors=idle)


def selected_twice(policies: ClusterPolicies, state: ClusterState) -> dict[WorkloadRef, tuple[PolicyName, ...]]:
    """Workloads that several selectors find, with the policies of those: the first is theirs."""
    named = {policy.workload for policy in policies.policies}
    found = {one.ref: tuple(by.template.name for by in policies.selectors if _selects(by, one)) for one in state.workloads}
    return {ref: names for ref, names in found.items() if len(names) > 1 and ref not in named}


def _found(selectors: tuple[PolicySelector, ...], workloads: Iterator[Workload]) -> Iterator[Policy]:
    for workload in workloads:
        selector = next((one for one in selectors if _selects(one, workload)), None)
        if selector:
            yield replace(selector.template, workload=workload.ref)


def _selects(selector: PolicySelector, workload: Workload) -> bool:
    here = selector.template.workload.cluster == workload.ref.cluster
    return here and workload.kind is WorkloadKind.REPLICATED and set(selector.labels) <= set(workload.labels)
