"""The forwarding core: C workers on DPDK, their Python master, and the protocol that reaches them."""

__version__ = "0.1.0"
