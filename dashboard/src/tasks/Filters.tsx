import { useQuery } from "@tanstack/react-query";
import { Search, X } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { serversQuery } from "@/servers/queries";
import { projectsQuery } from "@/settings/queries";
import { Button } from "@/ui/Button";
import { spaced } from "@/ui/tones";
import type { CardFilter } from "./cards";
import style from "./Filters.module.css";
import { PRIORITIES, STATUSES } from "./shapes";

const PAUSE = 250; // milliseconds after the last key before a search begins

interface FiltersProps {
  readonly filter: CardFilter;
  readonly withStatus: boolean;
  readonly onChange: (filter: CardFilter) => void;
}

/** What the tasks are narrowed to. It stands in the URL; this only shows and changes it. */
export function Filters({ filter, withStatus, onChange }: FiltersProps) {
  const projects = useQuery(projectsQuery).data?.projects ?? [];
  const servers = useQuery(serversQuery).data?.servers ?? [];
  const set = (name: keyof CardFilter) => (value: string) =>
    onChange({ ...filter, [name]: value || undefined } as CardFilter);
  const isNarrowed = Object.values(filter).some(Boolean);
  return (
    <search className={style.filters}>
      <SearchBox value={filter.q ?? ""} onChange={set("q")} />
      {withStatus && (
        <Choice
          label="Status"
          value={filter.status}
          onChange={set("status")}
          options={STATUSES.map((it) => [it, spaced(it)])}
        />
      )}
      <Choice
        label="Project"
        value={filter.project_id}
        onChange={set("project_id")}
        options={projects.map((it) => [it.id, it.name])}
      />
      <Choice
        label="Machine"
        value={filter.server}
        onChange={set("server")}
        options={servers.map((it) => [it.name, it.name])}
      />
      <Choice
        label="Priority"
        value={filter.priority}
        onChange={set("priority")}
        options={PRIORITIES.map((it) => [it, it])}
      />
      {isNarrowed && (
        <Button kind="quiet" small icon={X} onClick={() => onChange({})}>
          Clear
        </Button>
      )}
    </search>
  );
}

function SearchBox({ value, onChange }: { value: string; onChange: (text: string) => void }) {
  const [text, setText] = useState(value);
  const tell = useEffectEvent(() => text !== value && onChange(text));
  // biome-ignore lint/correctness/useExhaustiveDependencies: each key begins the pause anew
  useEffect(() => {
    const timer = window.setTimeout(tell, PAUSE);
    return () => window.clearTimeout(timer);
  }, [text]);
  useEffect(() => setText(value), [value]);
  return (
    <label className={style.search}>
      <Search aria-hidden size={15} />
      <span className="visually-hidden">Search tasks</span>
      <input
        type="search"
        placeholder="Search titles, ids"
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </label>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly string[])[];
  readonly onChange: (value: string) => void;
}

function Choice({ label, value = "", options, onChange }: ChoiceProps) {
  return (
    <select aria-label={label} value={value} onChange={(event) => onChange(event.target.value)} data-set={value !== ""}>
      <option value="">{label}: any</option>
      {options.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  );
}
