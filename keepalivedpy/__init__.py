"""keepalived and the operator's tools: configuration, VRRP, health checks, command lines."""
