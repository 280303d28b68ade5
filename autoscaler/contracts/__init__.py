"""Protocols the engine meets the world through, in pairs: a Reader sees, a Writer changes.

They lie in modules of their own (`*_reader.py`, `*_writer.py`) so that import-linter can tell them apart: whatever plans,
explains or runs dry imports no writer. Plugins register the two apart as well: `provider.py` (entry points `autoscaler.providers`)
and `writers.py` (entry points `autoscaler.writers`). Every sentence of a docstring here is a test in `autoscaler.testing`.
"""
