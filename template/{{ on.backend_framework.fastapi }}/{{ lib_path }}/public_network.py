"""Keeps requests to addresses that users name away from this network (SSRF).

Names are judged by what they resolve to, and the address that was judged is the one connected to:
a name that resolves differently the second time (DNS rebinding) gains nothing.
"""

import asyncio
import socket
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any, Final

import httpcore2

Address = IPv4Address | IPv6Address

RESOLVE_SECONDS: Final = 3.0
# The one block that addresses of the public IPv6 internet come from.
GLOBAL_UNICAST: Final = ip_network("2000::/3")
# Look-ups block their thread, and a slow name server must not hold up other work.
LOOK_UPS: Final = ThreadPoolExecutor(max_workers=8, thread_name_prefix="dns")


class AddressRefused(Exception):
    """The host has no address, or one that is not public. The message is shown to the tenant."""


def is_public(address: Address) -> bool:
    if isinstance(address, IPv6Address):
        embedded = address.ipv4_mapped or address.sixtofour
        if embedded is not None:
            return is_public(embedded)
        if address not in GLOBAL_UNICAST or address.teredo is not None:
            return False
    return address.is_global and not address.is_multicast and not address.is_reserved


async def resolve(host: str, port: int) -> list[Address]:
    """The system's resolver decides, so that every spelling of an address means what it would
    mean when connecting: decimal, octal, abbreviated, IPv4 within IPv6."""
    loop = asyncio.get_running_loop()
    look_up = loop.run_in_executor(
        LOOK_UPS, lambda: socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    )
    try:
        async with asyncio.timeout(RESOLVE_SECONDS):
            found = await look_up
    except (OSError, UnicodeError, TimeoutError) as error:
        raise AddressRefused("The host does not resolve to an address") from error
    return [ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]


async def resolve_public(host: str, port: int) -> list[Address]:
    """Raise AddressRefused unless every address of the host is public."""
    addresses = await resolve(host, port)
    if not addresses or not all(is_public(address) for address in addresses):
        raise AddressRefused("The host resolves to an address that is not public")
    return addresses


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to vetted addresses only. TLS still asks for, and checks, the host's name."""

    def __init__(self, *, allow_private: bool) -> None:
        self._resolve = resolve if allow_private else resolve_public
        self._network: httpcore2.AsyncNetworkBackend = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the interface of httpcore2
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        failure: Exception = AddressRefused("The host does not resolve to an address")
        for address in await self._resolve(host, port):
            try:
                return await self._network.connect_tcp(
                    str(address), port, timeout, local_address, socket_options
                )
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout) as error:
                failure = error
        raise failure

    async def sleep(self, seconds: float) -> None:
        await self._network.sleep(seconds)
