"""The keepalived daemon: command line, parent process, and what keeps its children alive."""
