"""Metrics from PostgreSQL, MySQL and MariaDB: one number by one SELECT."""
