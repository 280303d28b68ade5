"""Metrics from RabbitMQ: how long its queues are and how fast they move, by the management plugin's HTTP API."""
