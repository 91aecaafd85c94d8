"""Task: write the package `units` from the specification and promise its interface as the contract `api_schema`."""

import ast

from task import ROOT, finish, specification, write

HEADER = '''"""Conversions between units. Generated from spec/units.json by tools/generate_module.py; do not edit."""

Table = dict[str, tuple[float, float]]
"""Unit → factor and offset: value in the base unit = value · factor + offset."""
'''

CONVERT = """
def _convert(table: Table, value: float, source: str, target: str) -> float:
    for unit in (source, target):
        if unit not in table:
            raise ValueError(f"{unit!r} is not one of {', '.join(table)}")
    factor, offset = table[source]
    into, shift = table[target]
    return (value * factor + offset - shift) / into
"""


def function(name: str, units: dict[str, list[float]]) -> list[str]:
    table = [f'    "{unit}": ({float(factor)!r}, {float(offset)!r}),' for unit, (factor, offset) in units.items()]
    return [
        f"{name.upper()}: Table = {{", *table, "}", "", "",
        f"def {name}(value: float, source: str, target: str) -> float:",
        f'    """Convert between {", ".join(units)}."""',
        f"    return _convert({name.upper()}, value, source, target)", "", "",
    ]  # fmt: skip


def interface(name: str, units: dict[str, list[float]]) -> dict[str, object]:
    unit = {"type": "string", "enum": list(units)}
    parameters = {"value": {"type": "number"}, "source": unit, "target": unit}
    return {
        "name": name,
        "parameters": {"type": "object", "properties": parameters, "required": list(parameters)},
        "returns": {"type": "number"},
    }


quantities = specification()["quantities"]
body = [line for name, units in quantities.items() for line in function(name, units)]
write("units/__init__.py", ['"""A small converter of units."""'])
write("units/convert.py", [HEADER, *body, CONVERT.strip()])
ast.parse((ROOT / "units" / "convert.py").read_text(encoding="utf-8"))  # a generator that writes nonsense fails here
finish(
    f"generated {len(quantities)} functions",
    api_schema={"module": "units.convert", "functions": [interface(*item) for item in quantities.items()]},
)
