"""How long it takes from what is seen to a finished plan, on the workloads that others are measured by."""
