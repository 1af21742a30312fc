"""The operator's tools, ipvsadm and dpip: command lines in, requests to the core, listings out."""
