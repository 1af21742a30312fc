"""keepalived.conf -> keepalivedpy.model.Root, with everything that is wrong with it."""
