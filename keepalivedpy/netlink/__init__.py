"""The kernel's links and addresses, through rtnetlink. Only this package imports pyroute2."""
