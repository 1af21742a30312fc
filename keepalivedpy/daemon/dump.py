"""-d: the configuration as read, in log lines."""

from collections.abc import Iterator

import msgspec

from keepalivedpy.model.root import Root

SECTIONS = {
    "global_defs": "Global definitions",
    "vrrp_instances": "VRRP Topology",
    "vrrp_sync_groups": "VRRP Sync groups",
    "static_ipaddress": "Static addresses",
    "static_routes": "Static routes",
    "static_rules": "Static rules",
    "vrrp_scripts": "VRRP Scripts",
    "track_files": "Track files",
    "track_processes": "Track processes",
    "bfd_instances": "BFD Topology",
    "track_groups": "Track groups",
    "garp_groups": "Gratuitous ARP delays",
    "linkbeat_interfaces": "Linkbeat interfaces",
    "interface_up_down_delays": "Interface delays",
    "local_address_groups": "Local address groups",
    "virtual_server_groups": "Virtual server groups",
    "virtual_servers": "LVS Topology",
}


def dump(root: Root) -> Iterator[str]:
    """Lines: a title a section, ` name = value` a setting, two more spaces a level."""
    for field, title in SECTIONS.items():
        value = getattr(root, field)
        if value:
            yield f"------< {title} >------"
            yield from _value(field, value, " ")


def _value(name: str, value: object, indent: str) -> Iterator[str]:
    if isinstance(value, msgspec.Struct):
        for field in value.__struct_fields__:
            yield from _value(field, getattr(value, field), indent)
    elif isinstance(value, tuple) and value and isinstance(value[0], msgspec.Struct):
        for element in value:
            yield f"{indent}{name}:"
            yield from _value(name, element, indent + "  ")
    elif value not in (None, (), ""):
        text = " ".join(map(str, value)) if isinstance(value, tuple) else str(value)
        yield f"{indent}{name} = {text}"
