"""The scale sets of Microsoft.Compute, uniform and flexible, as far as a pool of machines needs them."""
