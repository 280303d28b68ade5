"""What emptying machines takes."""
