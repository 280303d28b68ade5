"""Metrics from a recorded file: the newest sample of a column that is not later than now."""
