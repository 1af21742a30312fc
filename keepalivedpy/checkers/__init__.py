"""Health checks: when a server is asked, what its answers mean, and what follows for the pool."""
