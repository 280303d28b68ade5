"""How long it takes to see a pool of a thousand machines at each cloud."""
