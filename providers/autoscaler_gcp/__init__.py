"""Metrics from Google Cloud: Cloud Monitoring, and the backlogs of Pub/Sub subscriptions."""
