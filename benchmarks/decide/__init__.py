"""How long it takes to decide on thousands of policies."""
