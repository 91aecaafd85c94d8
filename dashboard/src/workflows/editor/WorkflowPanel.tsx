import { useQuery } from "@tanstack/react-query";
import { Settings2 } from "lucide-react";
import { useMemo } from "react";
import type { Definition } from "../definition/definition";
import { errorAt, problemsAt } from "../definition/places";
import { FormContext } from "../form/context";
import { Form } from "../form/Form";
import { fieldsOf } from "../form/fields";
import { definitionSchemaQuery } from "../queries";
import { useEditor } from "./context";
import { InputsEditor } from "./InputsEditor";
import style from "./Panel.module.css";
import { ProblemList } from "./ProblemList";
import { WorkflowName } from "./WorkflowName";

const ORDER = ["description", "on_failure", "concurrency", "variables"];
const HINTS: Readonly<Record<string, string>> = {
  on_failure: "what becomes of the other nodes when one has failed",
  concurrency: "nodes of one run at a time",
  variables: "fixed values; templates name them {{variables.name}}",
};

/** What is about the workflow as a whole: what its runs are given, its variables, what a failure means. */
export function WorkflowPanel() {
  const { definition, problems, edit, readOnly } = useEditor();
  const schema = useQuery(definitionSchemaQuery).data;
  const fields = useMemo(() => {
    const found = new Map(fieldsOf(schema).map((field) => [field.name, field]));
    return ORDER.flatMap((name) => {
      const field = found.get(name);
      return field ? [{ ...field, description: HINTS[name] ?? field.description }] : [];
    });
  }, [schema]);
  const mine = problemsAt(problems, "workflow", "");
  const scene = { errorAt: (path: string) => errorAt(mine, path), sources: null, disabled: readOnly };
  return (
    <FormContext value={scene}>
      <header className={style.head}>
        <Settings2 aria-hidden size={18} />
        <div>
          <h2>Workflow</h2>
          <p className={style.about}>Select a node or an edge to edit it.</p>
        </div>
      </header>
      <ProblemList problems={mine} />
      <WorkflowName />
      <Form
        fields={fields}
        value={definition}
        path=""
        onChange={(next) => edit(() => next as Definition, "workflow")}
      />
      <InputsEditor />
    </FormContext>
  );
}
