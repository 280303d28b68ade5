"""Pure: what fits where, which nodes to open or close, which replicas move."""
