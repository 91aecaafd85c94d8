import { memo, useMemo, useState } from "react";
import { ranked } from "@/ui/matching";
import { iconOf } from "../icons";
import type { Manifest } from "../shapes";
import { useEditor } from "./context";
import style from "./NodePalette.module.css";
import { useAdding } from "./useAdding";

/** Under which name a node type is dragged onto the canvas. */
export const DRAGGED = "application/x-corral-node";

interface PaletteProps {
  readonly onAdded: () => void;
}

export function NodePalette({ onAdded }: PaletteProps) {
  const { manifests } = useEditor();
  const add = useAdding();
  return <Palette manifests={manifests} add={add} onAdded={onAdded} />;
}

interface OfTypes extends PaletteProps {
  readonly manifests: ReadonlyMap<string, Manifest>;
  readonly add: (type: string) => void;
}

/** Every node type that some machine has, by category; a click or Enter adds one, dragging puts it somewhere. */
const Palette = memo(function Palette({ manifests, add, onAdded }: OfTypes) {
  const [query, setQuery] = useState("");
  const groups = useMemo(() => grouped(manifests, query), [manifests, query]);
  function choose(type: string) {
    add(type);
    onAdded();
  }
  const first = groups[0]?.[1][0];
  return (
    <nav className={style.palette} aria-label="Node types">
      <input
        type="search"
        aria-label="Find a node type"
        placeholder="Find a node type"
        value={query}
        onChange={(event) => setQuery(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Enter" && query !== "" && first) choose(first.type);
        }}
      />
      <div className={style.groups}>
        {groups.map(([category, found]) => (
          <section key={category} aria-label={category}>
            <h3>{category}</h3>
            {found.map((manifest) => (
              <Entry key={manifest.type} manifest={manifest} onChoose={() => choose(manifest.type)} />
            ))}
          </section>
        ))}
        {groups.length === 0 && (
          <p className={style.none}>{manifests.size === 0 ? NO_MACHINE : "No node type is called so."}</p>
        )}
      </div>
    </nav>
  );
});

const NO_MACHINE = "Node types come from machines, and none has joined yet: corral server join.";

function Entry({ manifest, onChoose }: { manifest: Manifest; onChoose: () => void }) {
  const Icon = iconOf(manifest);
  return (
    <button
      type="button"
      draggable
      onClick={onChoose}
      onDragStart={(event) => event.dataTransfer.setData(DRAGGED, manifest.type)}
      title={manifest.description}
      aria-label={`Add ${manifest.title || manifest.type}`}
    >
      <Icon aria-hidden size={15} />
      <span>{manifest.title || manifest.type}</span>
    </button>
  );
}

function grouped(manifests: ReadonlyMap<string, Manifest>, query: string): readonly [string, readonly Manifest[]][] {
  const all = [...new Set(manifests.values())];
  const found = ranked(query, all, (it) => `${it.title ?? ""} ${it.type} ${it.category ?? ""}`);
  const groups = new Map<string, Manifest[]>();
  for (const it of query ? found : found.toSorted((a, b) => (a.title || a.type).localeCompare(b.title || b.type))) {
    const category = query ? "found" : it.category || "other";
    groups.set(category, [...(groups.get(category) ?? []), it]);
  }
  return query ? [...groups] : [...groups].sort(([a], [b]) => rank(a) - rank(b) || a.localeCompare(b));
}

function rank(category: string): number {
  return category === "trigger" ? 0 : category === "other" ? 2 : 1;
}
