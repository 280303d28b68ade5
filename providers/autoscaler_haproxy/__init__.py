"""Traffic through HAProxy's runtime socket."""
