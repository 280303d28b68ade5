"""A whole world in virtual time: cluster, pools, metrics and traffic, and the demo on it."""
