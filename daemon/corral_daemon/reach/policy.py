"""Which addresses a node may connect to. Pure.

What counts is the address that is connected to, never the text that stood for it: names, decimal and octal forms all
come to an address first.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

Address = ipaddress.IPv4Address | ipaddress.IPv6Address
Network = ipaddress.IPv4Network | ipaddress.IPv6Network

_NAT64 = (ipaddress.IPv6Network("64:ff9b::/96"), ipaddress.IPv6Network("64:ff9b:1::/48"))
_IPV4_COMPATIBLE = ipaddress.IPv6Network("::/96")
_SITE_LOCAL = ipaddress.IPv6Network("fec0::/10")
_REFUSED: tuple[Network, ...] = (
    ipaddress.IPv4Network("168.63.129.16/32"),  # Azure's machine agent: a public number, answered by the host
    ipaddress.IPv4Network("192.0.0.0/24"),  # Oracle's metadata, among others
    ipaddress.IPv4Network("192.88.99.0/24"),
    ipaddress.IPv4Network("198.18.0.0/15"),
    ipaddress.IPv4Network("100.64.0.0/10"),  # carriers' NAT, and Alibaba's metadata
)


@dataclass(frozen=True, slots=True)
class Policy:
    """`networks` and `hosts` (as (name or address, port or None)) are allowed besides public addresses."""

    networks: tuple[Network, ...] = ()
    hosts: frozenset[tuple[str, int | None]] = frozenset()
    everything: bool = False

    @classmethod
    def read(cls, entries: Iterable[str], everything: bool = False) -> Self:
        """Read `10.0.0.0/8`, `10.1.2.3`, `host`, `host:port`, `[::1]:8080`. Raises ValueError for anything else."""
        networks: list[Network] = []
        hosts: set[tuple[str, int | None]] = set()
        for entry in entries:
            try:
                networks.append(ipaddress.ip_network(entry))
            except ValueError:
                hosts.add(_host(entry))
        return cls(tuple(networks), frozenset(hosts), everything)

    def names(self, host: str, port: int) -> bool:
        """Return whether the owner allows this host by its name, whatever address it has."""
        name = host.lower().rstrip(".")
        return self.everything or (name, port) in self.hosts or (name, None) in self.hosts

    def allows(self, address: Address) -> bool:
        address = _plain(address)
        if self.everything or any(address in network for network in self.networks):
            return True
        return is_public(address)


def is_public(address: Address) -> bool:
    """Return whether an address is one that anybody in the world reaches alike."""
    address = _plain(address)
    if not address.is_global or address.is_multicast or address.is_reserved or address.is_unspecified:
        return False
    if any(address in network for network in _REFUSED):
        return False
    if isinstance(address, ipaddress.IPv6Address):
        return address not in _SITE_LOCAL and all(is_public(inner) for inner in _carried(address))
    return True


def parse(text: str) -> Address:
    """Return the address in what a resolver said; a zone behind `%` says nothing of it. Raises ValueError."""
    return ipaddress.ip_address(text.partition("%")[0])


def _plain(address: Address) -> Address:
    if isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None:
        return address.ipv4_mapped
    return address


def _carried(address: ipaddress.IPv6Address) -> list[ipaddress.IPv4Address]:
    """IPv4 addresses to which something on the way may pass this one on."""
    found = [address.sixtofour] if address.sixtofour is not None else []
    found += list(address.teredo) if address.teredo is not None else []
    if any(address in network for network in (*_NAT64, _IPV4_COMPATIBLE)):
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return found


def _host(entry: str) -> tuple[str, int | None]:
    name, colon, port = entry.rpartition(":") if not entry.endswith("]") else (entry, "", "")
    name = (name if colon else entry).strip("[]").lower().rstrip(".")
    if not name or "/" in name or name != name.strip() or (colon and not (port.isdigit() and 0 < int(port) < 65_536)):
        raise ValueError(f"{entry!r} is no network (10.0.0.0/8), address, host or host:port")
    return name, int(port) if colon else None
