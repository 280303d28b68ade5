"""YAML becomes typed values; every error has its place in the file and a hint."""
