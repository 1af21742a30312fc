"""ipvsadm -h and -v. The option lists are the tables'; this file adds one sentence a row."""

from keepalivedpy.cli.ipvsadm_options import COMMANDS, OPTIONS, Option, Value

SYNOPSIS = """\
Usage:
  ipvsadm -A|E SERVICE [-s scheduler] [-p [timeout]] [-M netmask] [-o] [-j enable|disable]
               [--hash-target sip|qid] [--expire-quiescent] [--conn-timeout s] [--quic]
               [--proxy-protocol version] [--dest-check conf]...
  ipvsadm -D SERVICE
  ipvsadm -C
  ipvsadm -R
  ipvsadm -S [-n]
  ipvsadm -a|e SERVICE -r server[:port] [-g|i|m|b|J] [-w weight] [-x upper] [-y lower]
  ipvsadm -d SERVICE -r server[:port]
  ipvsadm -P|Q SERVICE -z local-address -F interface
  ipvsadm -G [SERVICE]
  ipvsadm -L|l [SERVICE] [-n] [-c] [--stats|--rate|--thresholds|--persistent-conn] [--exact]
  ipvsadm -Z [SERVICE]
  SERVICE is -t|-u|--sctp-service|-q|-1 host[:port], IPv6 as [address]:port; or
          -H proto=tcp,src-range=RANGE,dst-range=RANGE,iif=DEV,oif=DEV,af=ipv4|ipv6 (SNAT)
          RANGE is IP[-IP][:PORT[-PORT]], IPv6 as [IP[-IP]]:PORT[-PORT]
"""

COMMAND_HELP: dict[str, str] = {
    "add-service": "add a virtual service",
    "edit-service": "change the given options of a virtual service",
    "delete-service": "delete a virtual service",
    "flush": "delete every virtual service",
    "restore": "run the command lines on stdin",
    "save": "print the table as command lines for -R",
    "add-server": "add a real server",
    "edit-server": "change the given options of a real server",
    "delete-server": "delete a real server",
    "add-laddr": "add a local address for FULLNAT",
    "del-laddr": "delete a local address",
    "get-laddr": "list local addresses",
    "add-blklst": "deny list: not carried by this core yet",
    "del-blklst": "deny list: not carried by this core yet",
    "get-blklst": "deny list: not carried by this core yet",
    "add-whtlst": "allow list: not carried by this core yet",
    "del-whtlst": "allow list: not carried by this core yet",
    "get-whtlst": "allow list: not carried by this core yet",
    "list": "list services, or connections with -c",
    "zero": "zero the counters of one service or all",
    "set": "time-outs: set in dpvs.conf",
    "start-daemon": "no connection sync daemon",
    "stop-daemon": "no connection sync daemon",
    "help": "this text",
    "version": "the program's version",
}

OPTION_HELP: dict[str, str] = {
    "tcp-service": "host[:port]",
    "udp-service": "host[:port]",
    "sctp-service": "host[:port]",
    "icmp-service": "host[:port]",
    "icmpv6-service": "host[:port]",
    "fwmark-service": "firewall mark: not carried by this core yet",
    "match": "SNAT: proto=,af=,src-range=,dst-range=,iif=,oif=",
    "real-server": "host[:port]",
    "laddr": "local address",
    "ifname": "device that answers for the local address",
    "blklst": "address or ipset:NAME",
    "whtlst": "address or ipset:NAME",
    "scheduler": "rr|wrr|wlc|conhash|mh|fo, wlc if not given",
    "persistent": "seconds, 360 if none are given",
    "netmask": "granularity of persistence: mask, or IPv6 prefix length",
    "ops": "one-packet scheduling (UDP)",
    "synproxy": "enable|disable",
    "hash-target": "sip|qid, what conhash hashes",
    "expire-quiescent": "connections of a quiesced server end soon",
    "conn-timeout": "seconds, 0 for the state's own",
    "proxy-protocol": "disable|v1|v2|v1-insecure|v2-insecure",
    "quic": "schedule by QUIC connection id (UDP)",
    "dest-check": "disable|default|DOWN,UP,WAITs,MIN-MAXs|DOWN,WAITs|tcp|udp|sctp|ping",
    "pe": "no command takes it",
    "gatewaying": "direct routing, the default",
    "ipip": "tunnel",
    "masquerading": "NAT",
    "fullnat": "full NAT",
    "snat": "SNAT",
    "weight": "0..65535, 1 if not given; 0 quiesces",
    "u-threshold": "most connections, 0 for no limit",
    "l-threshold": "accept again below so many connections",
    "ipv6": "a firewall mark is for IPv6",
    "numeric": "addresses and ports in digits",
    "connection": "list connections",
    "stats": "counters",
    "rate": "per second",
    "exact": "counters in full",
    "thresholds": "connection limits",
    "persistent-conn": "persistent connections",
    "nosort": "in the core's order",
    "sort": "no effect",
    "cpu": "counters of this worker, 0 for the sum",
    "sockpair": "proto:sip:sport:tip:tport, with -c",
    "timeout": "not supported",
    "daemon": "not supported",
    "mcast-interface": "not supported",
    "syncid": "not supported",
}


def version_text(version: str) -> str:
    """Begins as ipvsadm's does, for scripts that look for the number."""
    return f"ipvsadm v1.27 (keepalivedpy {version})"


def _option_line(row: Option) -> str:
    short = f"-{row.short}" if row.short else ""
    mark = {Value.NONE: "", Value.REQUIRED: " VALUE", Value.OPTIONAL: " [VALUE]"}[row.value]
    return f"  {'--' + row.long + mark:<26} {short:<4} {OPTION_HELP[row.long]}"


def help_text(version: str) -> str:
    lines = [version_text(version), SYNOPSIS, "Commands:"]
    for command in COMMANDS:
        short = "|".join(f"-{letter}" for letter in command.short)
        lines.append(f"  --{command.long:<18} {short:<6} {COMMAND_HELP[command.name]}")
    lines += ["", "Options:", *(_option_line(row) for row in OPTIONS)]
    return "\n".join(lines) + "\n"
