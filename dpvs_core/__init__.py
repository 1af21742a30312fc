"""The forwarding core: C workers on DPDK, their Python master, and the protocol to them."""

__version__ = "0.1.0"
