"""How close to the cheapest the mix of machines is, on real price tables."""
