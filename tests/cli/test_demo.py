"""The demo: its graph is sound, its programs do what their contracts say, its repository is a real one."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import jsonschema
import pytest

from corral_cli.demo.graph import STEPS, task_body
from corral_cli.demo.repository import create, git
from corral_protocol.run import read_spec

IDS = {step.name: f"id-of-{step.name}" for step in STEPS}


def test_the_graph_has_two_roots_two_consumers_and_one_that_verifies_all() -> None:
    roots = [step for step in STEPS if not step.takes]
    consumers = [step for step in STEPS if any(contract for _, contract in step.takes)]
    assert len(roots) >= 2
    assert all(root.promises for root in roots)
    assert len(consumers) >= 2
    assert STEPS[-1].name == "verify"
    assert any(step.agent == "echo" for step in STEPS)


def test_every_step_comes_after_what_it_takes() -> None:
    promised: dict[str, set[str]] = {}
    for step in STEPS:
        for upstream, contract in step.takes:
            assert upstream in promised
            assert contract is None or contract in promised[upstream]
        promised[step.name] = set(step.promises)


@pytest.mark.parametrize("step", STEPS, ids=lambda step: step.name)
def test_a_step_is_a_task_the_hub_can_read(step: Any) -> None:
    body = task_body(step, IDS, repo="demo-1", python="/usr/bin/python3", key="k")
    spec = read_spec(body["structured_spec"])
    assert spec.run.kind in ("command", "agent")
    assert spec.run.merge
    assert spec.requires.repo == "demo-1"
    assert body["client_key"] == f"k-{step.name}"
    for contract in spec.contracts:
        jsonschema.Draft202012Validator.check_schema(contract.schema)


def test_the_programs_fulfil_the_contracts(tmp_path: Path) -> None:
    """Run by hand, one after the other, as the tasks would."""
    repository = create(tmp_path)
    inputs: dict[str, Any] = {}
    for step in STEPS:
        if step.program:
            promised = _run(repository, step.program, inputs, tmp_path)
            for key, schema in step.promises.items():
                jsonschema.validate(promised[key], schema)
            inputs |= promised
    assert inputs["verification"]["passed"] is True
    assert inputs["verification"]["tests"] > 100
    command = [sys.executable, "-m", "units", "26.2", "mile", "km"]
    done = subprocess.run(command, cwd=repository, capture_output=True, text=True, check=True)
    assert done.stdout == "42.1648128\n"


def test_a_generator_that_is_wrong_is_found_out(tmp_path: Path) -> None:
    """The verification is a real one: it does not pass for a module with a wrong factor in it."""
    repository = create(tmp_path)
    inputs: dict[str, Any] = {}
    for step in STEPS[:4]:
        inputs |= _run(repository, step.program, inputs, tmp_path)
    module = repository / "units" / "convert.py"
    module.write_text(module.read_text().replace("1609.344", "1609.3"))
    done = _start(repository, "verify.py", inputs, tmp_path)
    assert done.returncode == 1
    assert json.loads((tmp_path / "result.json").read_text())["contracts"]["verification"]["passed"] is False


def test_a_repository_starts_with_one_commit_and_gets_the_next_number(tmp_path: Path) -> None:
    first, second = create(tmp_path), create(tmp_path)
    assert (first.name, second.name) == ("1", "2")
    assert git(first, "rev-list", "--count", "main").strip() == "1"
    assert git(first, "status", "--porcelain") == ""


def _run(repository: Path, program: str, inputs: dict[str, Any], folder: Path) -> dict[str, Any]:
    done = _start(repository, program, inputs, folder)
    assert done.returncode == 0, done.stdout + done.stderr
    return json.loads((folder / "result.json").read_text())["contracts"]


def _start(repository: Path, program: str, inputs: dict[str, Any], folder: Path) -> subprocess.CompletedProcess[str]:
    (folder / "inputs.json").write_text(json.dumps(inputs))
    environment = {
        **os.environ,
        "CORRAL_INPUTS": str(folder / "inputs.json"),
        "CORRAL_RESULT": str(folder / "result.json"),
    }
    command = [sys.executable, f"tools/{program}"]
    return subprocess.run(command, cwd=repository, capture_output=True, text=True, check=False, env=environment)
