"""The director's master: configuration, control socket, what the core shall know.

Asks the native module (`native.py` only); never sees a packet.
"""
