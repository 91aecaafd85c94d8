"""JSON for people: names and values below each other, no braces; what is empty is left out. Pure."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from corral_cli.text import clean_block


def outline(value: Any) -> str:
    """Return the value as indented lines; it is for reading, --json is for taking apart."""
    return "\n".join(_lines(value))


def is_empty(value: Any) -> bool:
    return value is None or value in ("", [], {})


def _lines(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        yield from _names({str(name): inner for name, inner in value.items() if not is_empty(inner)})
    elif isinstance(value, list) and not _is_simple(value):
        for entry in value:
            first, *others = list(_lines(entry)) or ["–"]
            yield f"- {first}"
            yield from (f"  {line}" for line in others)
    else:
        yield from _word(value).splitlines()


def _names(pairs: Mapping[str, Any]) -> Iterator[str]:
    """Yield the pairs: a value of one line beside its name, anything else below it."""
    short = {name: _word(value) for name, value in pairs.items() if _is_simple(value)}
    width = max((len(name) for name, word in short.items() if "\n" not in word), default=0)
    for name, value in pairs.items():
        if name in short and "\n" not in short[name]:
            yield f"{clean_block(name):<{width}}  {short[name]}"
        else:
            yield clean_block(name)
            yield from (f"  {line}" for line in _lines(value))


def _is_simple(value: Any) -> bool:
    if isinstance(value, Sequence) and not isinstance(value, str):
        return all(not isinstance(entry, (list, Mapping)) and "\n" not in str(entry) for entry in value)
    return not isinstance(value, Mapping)


def _word(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(map(_word, value))
    if value is None:
        return "–"
    return str(value).lower() if isinstance(value, bool) else clean_block(value)
