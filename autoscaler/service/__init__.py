"""Scheduled runs, HTTP for health and metrics, and the real Runtime."""
