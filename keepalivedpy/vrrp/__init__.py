"""The VRRP engine: who of several routers holds the virtual addresses (RFC 3768, 5798, 9568)."""
