"""The simulated outside: a cluster, its pools, its load and its load balancer, in one virtual time.

`specs.py` what a world is made of; `state.py` what it is at one instant; `world.py` how time and calls change it;
`gate.py` what may befall a call on its way. Readers and writers of the plugin contracts are the provider's, on top of this.
"""
