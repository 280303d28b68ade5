"""What the pools of all clouds share: kinds of machines, what they offer in which zone, and at what price. No cloud is named here."""
