"""Metrics from Azure: Azure Monitor, and the lengths of Service Bus queues."""
