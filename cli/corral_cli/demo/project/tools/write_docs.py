"""Task: write the reference from the contracts `api_schema` and `test_plan` of two other tasks."""

from task import finish, promised, write

schema, plan = promised("api_schema"), promised("test_plan")
rows = [
    f"| `{function['name']}(value, source, target)` | "
    f"{', '.join(function['parameters']['properties']['source']['enum'])} | {plan['facts'].get(function['name'], 0)} |"
    for function in schema["functions"]
]
write(
    "docs/API.md",
    [
        f"# `{schema['module']}`",
        "",
        "| function | units | facts tested |",
        "| --- | --- | --- |",
        *rows,
        "",
        f"The suite has {plan['tests']} tests: `{plan['command']}`.",
    ],
)
finish(f"documented {len(rows)} functions", docs={"file": "docs/API.md", "functions": len(rows)})
