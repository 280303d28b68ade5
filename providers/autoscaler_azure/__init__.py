"""Azure: pools of machines (scale sets), metrics from Azure Monitor, and the lengths of Service Bus queues."""
