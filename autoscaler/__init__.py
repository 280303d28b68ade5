"""poolkeeper: keeps container clusters at the right size, replicas and machines.

The engine lives here and names no cloud and no orchestrator; `providers/` and `policies/` meet it only at entry points.
`docs/decisions/` says why the seams lie where they do.
"""
