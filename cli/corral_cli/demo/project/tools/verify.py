"""Task: with everything merged, run the whole test suite, the command line and the documentation against the facts."""

import json
import subprocess
import sys
import unittest

from task import ROOT, finish, specification, write


def run_suite() -> unittest.TestResult:
    sys.path.insert(0, str(ROOT))
    suite = unittest.defaultTestLoader.discover(str(ROOT / "tests"), top_level_dir=str(ROOT))
    return unittest.TextTestRunner(stream=sys.stdout, verbosity=1).run(suite)


def command_line_is_wrong(fact: dict[str, object]) -> str | None:
    words = [str(fact["value"]), str(fact["from"]), str(fact["to"])]
    done = subprocess.run(
        [sys.executable, "-m", "units", *words], cwd=ROOT, capture_output=True, text=True, check=False
    )
    printed = done.stdout.strip()
    if done.returncode == 0 and abs(float(printed) - float(str(fact["expected"]))) < 1e-6:
        return None
    return f"units {' '.join(words)} printed {printed or done.stderr.strip()!r}, not {fact['expected']}"


spec = specification()
result = run_suite()
reference = (ROOT / "docs" / "API.md").read_text(encoding="utf-8")
problems = [problem for fact in spec["facts"] if (problem := command_line_is_wrong(fact))]
problems += [f"docs/API.md does not mention {name}" for name in spec["quantities"] if f"`{name}(" not in reference]
problems += [str(test) for test, _ in (*result.failures, *result.errors)]
report = {
    "tests": result.testsRun,
    "failures": len(result.failures) + len(result.errors),
    "command_line_checks": len(spec["facts"]),
    "problems": problems,
    "passed": result.wasSuccessful() and not problems,
}
write("reports/verification.json", json.dumps(report, indent=2).splitlines())
finish(f"{result.testsRun} tests and {len(spec['facts'])} command lines checked", verification=report)
sys.exit(0 if report["passed"] else 1)
