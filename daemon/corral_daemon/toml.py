"""Write the small TOML that the daemon's configuration needs: strings, integers, lists of strings, one level of tables.

The standard library reads TOML but does not write it. Pure.
"""

import json
import re
from collections.abc import Mapping, Sequence

Scalar = str | int | bool
Value = Scalar | Sequence[str]
BARE = re.compile(r"[A-Za-z0-9_-]+")


def dump(values: Mapping[str, Value | Mapping[str, Value]]) -> str:
    """Return the text; tables come after the plain values, as TOML wants it."""
    plain = {key: value for key, value in values.items() if not isinstance(value, Mapping)}
    tables = {key: value for key, value in values.items() if isinstance(value, Mapping)}
    blocks = [_lines(plain)] if plain else []
    blocks += [f"[{_key(name)}]\n{_lines(table)}" for name, table in tables.items()]
    return "\n".join(blocks)


def _lines(values: Mapping[str, Value]) -> str:
    return "".join(f"{_key(key)} = {_value(value)}\n" for key, value in values.items())


def _key(key: str) -> str:
    return key if BARE.fullmatch(key) else _string(key)


def _value(value: Value) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        return _string(value)
    return f"[{', '.join(_string(item) for item in value)}]"


def _string(text: str) -> str:
    # JSON's escapes are TOML's, but for DEL, and for surrogate pairs, which ensure_ascii=False avoids.
    return json.dumps(text, ensure_ascii=False).replace("\x7f", "\\u007f")
