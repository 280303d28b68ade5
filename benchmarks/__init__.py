"""Measurements: each folder is one, run as `python -m benchmarks.NAME`; what they gave is in `results/`."""
