"""What a task gets from Corral and what it gives back. By hand, without Corral, the result is printed."""

import json
import os
import sys
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parent.parent


def specification() -> dict[str, Any]:
    return json.loads((ROOT / "spec" / "units.json").read_text(encoding="utf-8"))


def promised(key: str) -> Any:
    """Return what an upstream task promised under this contract key."""
    path = os.environ.get("CORRAL_INPUTS")
    inputs = json.loads(Path(path).read_text(encoding="utf-8")) if path else {}
    if key not in inputs:
        sys.exit(f"this task needs the contract {key!r}; it got {sorted(inputs) or 'none'}")
    return inputs[key]


def write(name: str, lines: list[str]) -> None:
    path = ROOT / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines).rstrip() + "\n", encoding="utf-8")
    sys.stdout.write(f"wrote {name} ({len(lines)} lines)\n")


def finish(summary: str, **contracts: Any) -> None:
    """Hand over the result and the contracts."""
    result = json.dumps({"summary": summary, "contracts": contracts}, indent=2)
    path = os.environ.get("CORRAL_RESULT")
    if path:
        Path(path).write_text(result, encoding="utf-8")
    else:
        sys.stdout.write(result + "\n")
    sys.stdout.write(summary + "\n")
