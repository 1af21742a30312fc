"""What a configuration means, as frozen values; no behaviour, no I/O."""
