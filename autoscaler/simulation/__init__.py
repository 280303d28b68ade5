"""The harness: the real engine under a virtual clock, seeded faults, and checks of every safety rule."""
