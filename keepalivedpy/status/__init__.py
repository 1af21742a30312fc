"""What `keepalived --status` shows: asked of the running processes, as text or JSON."""
