"""Placing replicas on nodes with GPUs, on Alibaba's openb lists."""
