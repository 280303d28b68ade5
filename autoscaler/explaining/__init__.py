"""Pure: stored records become words. Nothing is looked up anew here."""
