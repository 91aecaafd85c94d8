import { Copy, Trash2 } from "lucide-react";
import { Button } from "@/ui/Button";
import { copied, pasted } from "../definition/clip";
import { remove } from "../definition/definition";
import { useEditor } from "./context";
import style from "./Panel.module.css";

/** Several parts are selected: what can be done with all of them. */
export function ManyPanel() {
  const { definition, selected, select, edit, readOnly } = useEditor();
  function duplicate() {
    const copy = pasted(definition, copied(definition, selected));
    if (copy === null) return;
    edit(() => copy.definition);
    select(copy.keys);
  }
  return (
    <section className={style.part} aria-label="Selection">
      <h2>{selected.size} selected</h2>
      <p className={style.about}>Arrow keys move them, Ctrl-C copies, Delete removes.</p>
      {!readOnly && (
        <div className={style.pair}>
          <Button icon={Copy} onClick={duplicate}>
            Duplicate
          </Button>
          <Button icon={Trash2} onClick={() => edit((draft) => remove(draft, selected))}>
            Delete
          </Button>
        </div>
      )}
    </section>
  );
}
