"""How every tool talks to `dpvs`: messages, framing, clients, server. No native module here."""
