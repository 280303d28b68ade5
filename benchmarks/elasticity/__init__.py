"""How much of the time a policy is short of replicas, and what it costs, on recorded loads."""
