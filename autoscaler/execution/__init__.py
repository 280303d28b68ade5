"""The writing shell: advances journalled steps whose conditions hold in what is observed now."""
