"""How every tool talks to `dpvs`: messages, framing, clients and server. Pure Python, no native module."""
