"""The journal, leases, history and decisions, kept in a database."""
