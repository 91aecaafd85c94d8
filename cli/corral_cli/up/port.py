"""Is the port free, and if not, who sits there?"""

import errno
import socket
from dataclasses import replace

import httpx

from corral_cli.errors import Failed
from corral_cli.up.place import Place

_REFUSALS = {
    errno.EACCES: (
        "port_forbidden",
        "may not be opened by this account",
        "Use a port above 1023: corral up --port 8000",
    ),
    errno.EADDRNOTAVAIL: (
        "no_such_address",
        "is not an address of this machine",
        "Use --host 127.0.0.1 or --host 0.0.0.0",
    ),
}


def settle_port(place: Place) -> Place:
    """Return the place with a port that can be bound; port 0 becomes a free one. Raises Failed saying what is wrong."""
    try:
        family, kind, _, _, address = socket.getaddrinfo(place.host, place.port, type=socket.SOCK_STREAM)[0]
    except OSError as error:
        raise Failed(f"{place.host} is not a host name this machine knows: {error}", code="no_such_address",
                     hint="Use --host 127.0.0.1 or --host 0.0.0.0") from error  # fmt: skip
    with socket.socket(family, kind) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # as the hub does: a port in TIME_WAIT is free
        try:
            probe.bind(address)
        except OSError as error:
            raise _refusal(place, error) from error
        return replace(place, port=probe.getsockname()[1])


def settle_url(place: Place) -> Place:
    """Return the place with a URL that other machines can reach, if the hub listens everywhere and nobody named one.

    Without it the hub would call itself by the address it listens on, and 0.0.0.0 means something else everywhere.
    """
    if not place.everywhere or place.public_url:
        return place
    address = own_address(socket.AF_INET6 if ":" in place.host else socket.AF_INET)
    return replace(
        place, public_url=f"http://[{address}]:{place.port}" if ":" in address else f"http://{address}:{place.port}"
    )


def own_address(family: socket.AddressFamily) -> str:
    """Return the address this machine uses towards others, else its name. Nothing is sent: UDP has no handshake."""
    beyond = "2001:db8::1" if family == socket.AF_INET6 else "192.0.2.1"  # reserved for documentation
    with socket.socket(family, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect((beyond, 9))
        except OSError:
            return socket.gethostname()
        return str(probe.getsockname()[0])


def _refusal(place: Place, error: OSError) -> Failed:
    where = f"port {place.port} on {place.host}"
    if error.errno == errno.EADDRINUSE:
        owner = "another Corral hub" if is_corral(place.local_url) else "another program"
        return Failed(
            f"{where} is in use by {owner}",
            code="port_in_use",
            hint=f"Give this one another port: corral up --port {place.port + 1} (or CORRAL_PORT={place.port + 1}). "
            f"Who has it: lsof -i :{place.port}",
        )
    code, problem, hint = _REFUSALS.get(
        error.errno or 0, ("cannot_listen", f"cannot be opened: {error}", "Try another --port.")
    )
    return Failed(f"{where} {problem}", code=code, hint=hint)


def is_corral(url: str) -> bool:
    """Tell whether a Corral hub answers at `url`."""
    try:
        answer = httpx.get(f"{url}/openapi.json", timeout=2.0, trust_env=False)
        return answer.is_success and "corral" in answer.text[:2000].lower()
    except (httpx.HTTPError, httpx.InvalidURL):
        return False
