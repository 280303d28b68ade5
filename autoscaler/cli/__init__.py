"""The command: each one parses, calls one function and prints."""
