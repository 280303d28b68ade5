"""Google Cloud: managed instance groups as pools; metrics from Cloud Monitoring, and the backlogs of Pub/Sub subscriptions."""
