"""Metrics from AWS: CloudWatch, and the lengths of SQS queues."""
