"""Task: write the test suite from the specification and promise what it covers as the contract `test_plan`.

It does not read the generated code: what must hold comes from the facts of the specification alone.
"""

import itertools
import re

from task import finish, specification, write

HEADER = '''"""Generated from spec/units.json by tools/write_tests.py; do not edit."""

import unittest

from units import convert
'''


def name_of(*parts: object) -> str:
    return "test_" + re.sub(r"\W+", "_", " ".join(map(str, parts)).replace("-", "minus ").replace(".", "_"))


def fact_test(fact: dict[str, object]) -> list[str]:
    call = f'convert.{fact["quantity"]}({fact["value"]!r}, "{fact["from"]}", "{fact["to"]}")'
    return [
        f"    def {name_of(fact['quantity'], fact['value'], fact['from'], 'in', fact['to'])}(self) -> None:",
        f"        self.assertAlmostEqual({call}, {fact['expected']!r}, places=9)",
        "",
    ]


def round_trip_test(quantity: str, one: str, other: str) -> list[str]:
    there = f'convert.{quantity}(12.5, "{one}", "{other}")'
    return [
        f"    def {name_of(quantity, one, 'to', other, 'and back')}(self) -> None:",
        f'        self.assertAlmostEqual(convert.{quantity}({there}, "{other}", "{one}"), 12.5, places=9)',
        "",
    ]


def unknown_unit_test(quantity: str) -> list[str]:
    return [
        f"    def test_{quantity}_refuses_an_unknown_unit(self) -> None:",
        "        with self.assertRaises(ValueError):",
        f'            convert.{quantity}(1, "parsec per fortnight", "m")',
        "",
    ]


spec = specification()
facts = [fact_test(fact) for fact in spec["facts"]]
trips = [
    round_trip_test(quantity, *pair)
    for quantity, units in spec["quantities"].items()
    for pair in itertools.permutations(units, 2)
]
refusals = [unknown_unit_test(quantity) for quantity in spec["quantities"]]
write("tests/__init__.py", ['"""The generated test suite."""'])
write("tests/test_facts.py", [HEADER, "", "class Facts(unittest.TestCase):", *itertools.chain(*facts)])
write("tests/test_round_trips.py", [HEADER, "", "class RoundTrips(unittest.TestCase):", *itertools.chain(*trips)])
write("tests/test_refusals.py", [HEADER, "", "class Refusals(unittest.TestCase):", *itertools.chain(*refusals)])
finish(
    f"wrote {len(facts) + len(trips) + len(refusals)} tests",
    test_plan={
        "command": "python -m unittest discover tests",
        "tests": len(facts) + len(trips) + len(refusals),
        "facts": {name: sum(f["quantity"] == name for f in spec["facts"]) for name in spec["quantities"]},
    },
)
