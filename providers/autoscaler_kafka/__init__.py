"""Metrics from Kafka: how far a consumer group is behind on a topic."""
