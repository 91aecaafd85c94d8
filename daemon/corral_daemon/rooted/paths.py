"""A path as somebody asks for it → names that are opened one below the other. Pure."""

LONGEST = 4096
DEEPEST = 100
LONGEST_NAME = 255


class PathRefused(ValueError):
    """The text says why: the path goes where none may go."""


def split(path: str) -> tuple[str, ...]:
    """Return the names of a relative path; none for the root itself. Raises PathRefused."""
    if "\0" in path or len(path) > LONGEST:
        raise PathRefused(f"it holds a NUL character, or is longer than {LONGEST} characters")
    if path.startswith("/"):
        raise PathRefused("it begins at the root of the machine, and files are found below a folder only")
    names = tuple(name for name in path.split("/") if name not in ("", "."))
    if ".." in names:
        raise PathRefused("it climbs with `..`, and files are found below a folder only")
    if len(names) > DEEPEST or any(len(name.encode("utf-8", "surrogatepass")) > LONGEST_NAME for name in names):
        raise PathRefused(f"it is deeper than {DEEPEST} folders, or a name in it is longer than {LONGEST_NAME} bytes")
    return names


def span(size: int, offset: int, length: int | None) -> tuple[int, int] | None:
    """Return (offset, length) of what is to be sent of a file; None where it begins behind the end of the file."""
    if offset < 0 or offset > size or (length is not None and length < 0):
        return None
    left = size - offset
    return offset, left if length is None else min(length, left)
