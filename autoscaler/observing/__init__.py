"""The reading shell: everything read at once under a deadline; what could not be read is unknown."""
