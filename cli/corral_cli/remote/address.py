"""`SERVER:PATH` and `@SESSION:PATH`: where a file is. Pure."""

from dataclasses import dataclass
from pathlib import PurePosixPath
from urllib.parse import quote

from corral_cli.errors import Usage

HINT = "Write SERVER:files/…, SERVER:repos/NAME/… or @SESSION:PATH; `corral file list SERVER:` shows what there is."


@dataclass(frozen=True, slots=True)
class Address:
    """`route`: that of the machine or of the session, to which /files… is added."""

    text: str
    route: str
    path: str

    @property
    def name(self) -> str:
        return PurePosixPath(self.path).name


def parse(text: str) -> Address:
    """Raises Usage."""
    place, colon, path = text.partition(":")
    is_session = place.startswith("@")
    name = place.removeprefix("@").strip()
    if not colon or not name or name in (".", "..") or "/" in place:
        raise Usage(f"{text!r} names no file on a machine", code="bad_address", hint=HINT)
    return Address(text, f"/{'sessions' if is_session else 'servers'}/{quote(name, safe='')}", path)


def parse_file(text: str) -> Address:
    """The same for something that has a name. Raises Usage."""
    found = parse(text)
    if not found.name:
        raise Usage(f"{text!r} names a root, and no file", code="bad_address", hint=HINT)
    return found


def into(address: Address, name: str) -> Address:
    """Return the address; one that ends with a slash, or names a root only, is a folder to put `name` into."""
    if address.path and not address.path.endswith("/"):
        return address
    return Address(f"{address.text}{name}", address.route, f"{address.path}{name}")
