"""What others do, to be held beside what the engine does. Frozen: written before the engine was, and not improved with it."""
