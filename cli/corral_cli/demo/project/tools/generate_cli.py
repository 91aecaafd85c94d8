"""Task: write the command line from the contract `api_schema`, without looking at the code behind it."""

from task import finish, promised, write

TEMPLATE = '''"""python -m units VALUE FROM TO. Generated from the contract api_schema; do not edit."""

import sys

from MODULE import FUNCTIONS

BY_UNIT = {
ROWS
}


def main(words: list[str]) -> int:
    """Print the converted value; exit code 2 for words that make no sense."""
    if len(words) != 3:
        sys.stderr.write("usage: python -m units VALUE FROM TO\\nunits: " + " ".join(BY_UNIT) + "\\n")
        return 2
    value, source, target = words
    try:
        result = BY_UNIT[source](float(value), source, target)
    except (KeyError, ValueError) as error:
        sys.stderr.write(f"cannot convert: {error}\\n")
        return 2
    sys.stdout.write(f"{result:.12g}\\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
'''

schema = promised("api_schema")
units = {
    unit: function["name"]
    for function in schema["functions"]
    for unit in function["parameters"]["properties"]["source"]["enum"]
}
text = (
    TEMPLATE.replace("MODULE", schema["module"])
    .replace("FUNCTIONS", ", ".join(sorted({function["name"] for function in schema["functions"]})))
    .replace("ROWS", "\n".join(f'    "{unit}": {name},' for unit, name in units.items()))
)
write("units/__main__.py", text.splitlines())
finish(f"a command line for {len(units)} units", cli={"command": "python -m units VALUE FROM TO", "units": list(units)})
