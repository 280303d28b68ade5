"""A pool of real Docker engines on one Linux machine: a cluster to try things on, without a cloud."""
