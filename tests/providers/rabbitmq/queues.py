"""What RabbitMQ's management tells of a queue."""


def queue(name: str = "mail", vhost: str = "/", **fields: object) -> dict[str, object]:
    """A queue of 7 ready and 3 unacknowledged messages, of which some come and go."""
    stats = {"publish_details": {"rate": 2.4}, "deliver_get_details": {"rate": 1.2}, "ack_details": {"rate": 0.0}}
    counts = {"messages": 10, "messages_ready": 7, "messages_unacknowledged": 3}
    return {"name": name, "vhost": vhost, "state": "running", "message_stats": stats, **counts, **fields}
