"""Contract suites for every kind of plugin; they ship, so that third parties can inherit them.

A suite is a class: inherit it, give the fixture it asks for, and every promise of the contract is a test of your plugin. What a plugin
cannot do it says in its capabilities; the tests of the rest skip. `runtime.py` has the virtual time to run them in.
"""
