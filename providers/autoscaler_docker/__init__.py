"""Docker engines and Docker Swarm: the orchestrator, and engine statistics as metrics."""
