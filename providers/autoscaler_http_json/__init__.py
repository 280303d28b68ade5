"""Metrics from whatever answers with JSON over HTTP: a number, and where it stands."""
