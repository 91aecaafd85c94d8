import { Braces } from "lucide-react";
import { useState } from "react";
import { Button } from "@/ui/Button";
import type { Source } from "../definition/names";
import style from "./TemplateMenu.module.css";

interface TemplateMenuProps {
  readonly field: string;
  readonly sources: () => readonly Source[];
  readonly onChoose: (template: string) => void;
}

/** Chooses what an earlier step has put out, and gives the template that stands for it. */
export function TemplateMenu({ field, sources, onChoose }: TemplateMenuProps) {
  const [open, setOpen] = useState(false);
  function choose(path: string) {
    setOpen(false);
    onChoose(`{{${path}}}`);
  }
  return (
    <>
      <Button
        kind="quiet"
        small
        icon={Braces}
        aria-expanded={open}
        aria-label={`Insert a value into ${field}`}
        title="Insert what an earlier step puts out"
        onClick={() => setOpen(!open)}
      />
      {open && (
        <section
          className={style.menu}
          aria-label={`Values for ${field}`}
          onKeyDown={(event) => event.key === "Escape" && setOpen(false)}
        >
          {sources().map((source) => (
            <div key={source.name}>
              <h4>{source.title}</h4>
              <button type="button" onClick={() => choose(source.name)}>
                {`{{${source.name}}}`}
              </button>
              {source.paths.map((path) => (
                <button key={path} type="button" onClick={() => choose(`${source.name}.${path}`)}>
                  {path}
                </button>
              ))}
            </div>
          ))}
        </section>
      )}
    </>
  );
}
