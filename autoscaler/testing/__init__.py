"""Contract suites for every kind of plugin; they ship, so that third parties can inherit them."""
