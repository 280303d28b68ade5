"""Google's machine reassignment (ROADEF/EURO challenge 2012), by the engine's own search."""
