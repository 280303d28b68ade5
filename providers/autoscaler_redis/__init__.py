"""Metrics from Redis: how long its lists, sets and streams are, and what a stream's consumers have yet to do."""
