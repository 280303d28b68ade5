"""What metric sources share: asking within a deadline, bounded HTTP, numbers, times and their age. No plugin itself, and knows none."""
