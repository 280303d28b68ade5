"""Metrics from Prometheus by instant queries."""
