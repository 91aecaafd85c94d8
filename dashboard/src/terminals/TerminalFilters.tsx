import { X } from "lucide-react";
import { Button } from "@/ui/Button";
import { spaced } from "@/ui/tones";
import { DOING, type Filters } from "./filters";
import { useMachines, useProjects } from "./places";
import style from "./TerminalFilters.module.css";

interface FiltersProps {
  readonly filters: Filters;
  readonly onChange: (next: Partial<Filters>) => void;
}

/** What the terminals are narrowed to. It stands in the address; this only shows and changes it. */
export function TerminalFilters({ filters, onChange }: FiltersProps) {
  const isNarrowed = Boolean(filters.server || filters.project || filters.attention || filters.status !== "live");
  const clear = () => onChange({ status: "live", server: undefined, project: undefined, attention: undefined });
  return (
    <search className={style.filters}>
      <select
        aria-label="Which sessions"
        value={filters.status}
        data-set={filters.status !== "live"}
        onChange={(event) => onChange({ status: event.target.value as Filters["status"] })}
      >
        <option value="live">Open now</option>
        <option value="ended">Ended</option>
        <option value="all">All</option>
      </select>
      <Choice
        label="Attention"
        value={filters.attention}
        options={DOING.map((it) => [it, spaced(it)])}
        onChange={(attention) => onChange({ attention: attention as Filters["attention"] })}
      />
      <Choice
        label="Machine"
        value={filters.server}
        options={useMachines().map((it) => [it.name, it.name])}
        onChange={(server) => onChange({ server })}
      />
      <Choice
        label="Project"
        value={filters.project}
        options={useProjects().map((it) => [it.name, it.name])}
        onChange={(project) => onChange({ project })}
      />
      {isNarrowed && (
        <Button kind="quiet" small icon={X} onClick={clear}>
          Clear
        </Button>
      )}
    </search>
  );
}

interface ChoiceProps {
  readonly label: string;
  readonly value: string | undefined;
  readonly options: readonly (readonly [string, string])[];
  readonly onChange: (value: string | undefined) => void;
}

function Choice({ label, value = "", options, onChange }: ChoiceProps) {
  return (
    <select
      aria-label={label}
      value={value}
      data-set={value !== ""}
      onChange={(event) => onChange(event.target.value || undefined)}
    >
      <option value="">{label}: any</option>
      {value !== "" && !options.some(([key]) => key === value) && <option value={value}>{value}</option>}
      {options.map(([key, words]) => (
        <option key={key} value={key}>
          {words}
        </option>
      ))}
    </select>
  );
}
