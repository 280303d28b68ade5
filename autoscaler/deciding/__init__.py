"""Pure: votes are combined, stabilised, rate-limited and clamped into one decision."""
