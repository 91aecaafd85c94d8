import { Plus } from "lucide-react";
import { useId } from "react";
import { Button } from "@/ui/Button";
import { BLANK, conditionText, DEEPEST, kindOf, membersOf, withKind, withoutMember } from "../definition/condition";
import { type Json, put } from "../definition/json";
import style from "./Panel.module.css";
import { QuestionEditor } from "./QuestionEditor";

interface ConditionProps {
  readonly condition: Json;
  /** Paths that the source's output is known to have. */
  readonly paths: readonly string[];
  readonly disabled: boolean;
  readonly onChange: (condition: Json | null) => void;
}

/** A condition: questions about the output of the node before, and groups of them. */
export function ConditionEditor({ condition, paths, disabled, onChange }: ConditionProps) {
  const list = useId();
  return (
    <section className={style.part} aria-label="Condition" data-field="condition">
      <datalist id={list}>
        {paths.map((path) => (
          <option key={path} value={path} />
        ))}
      </datalist>
      <Part whole={condition} path={[]} part={condition} list={list} disabled={disabled} onChange={onChange} />
      <p className={style.soft}>{conditionText(condition)}</p>
    </section>
  );
}

interface PartProps {
  readonly whole: Json;
  readonly path: readonly (string | number)[];
  readonly part: Json;
  readonly list: string;
  readonly disabled: boolean;
  readonly onChange: (condition: Json | null) => void;
}

function Part({ part, ...rest }: PartProps) {
  const { whole, path, onChange } = rest;
  const kind = kindOf(part);
  const set = (next: Json) => onChange(put(whole, path, next) ?? null);
  if (kind !== "question") return <GroupEditor part={part} {...rest} />;
  return (
    <>
      <QuestionEditor
        question={part}
        list={rest.list}
        disabled={rest.disabled}
        onChange={set}
        onRemove={path.length > 0 ? () => onChange(withoutMember(whole, path)) : undefined}
      />
      {path.length === 0 && !rest.disabled && (
        <div className={style.pair}>
          <Button small icon={Plus} onClick={() => set({ all: [part, BLANK] })}>
            and
          </Button>
          <Button small icon={Plus} onClick={() => set({ any: [part, BLANK] })}>
            or
          </Button>
        </div>
      )}
    </>
  );
}

function GroupEditor({ whole, path, part, list, disabled, onChange }: PartProps) {
  const kind = kindOf(part) === "any" ? "any" : "all";
  const members = membersOf(part);
  const set = (next: Json) => onChange(put(whole, path, next) ?? null);
  const more = (member: Json) => set({ [kind]: [...members, member] });
  return (
    <fieldset className={style.group} aria-label={kind === "all" ? "All of these" : "Any of these"}>
      <div className={style.pair}>
        <select
          aria-label="Holds where"
          value={kind}
          disabled={disabled}
          onChange={(event) => set(withKind(part, event.target.value as "all" | "any"))}
        >
          <option value="all">all of these hold</option>
          <option value="any">any of these holds</option>
        </select>
      </div>
      {members.map((member, index) => (
        <Part
          // biome-ignore lint/suspicious/noArrayIndexKey: members are known by their place alone
          key={index}
          whole={whole}
          path={[...path, kind, index]}
          part={member}
          list={list}
          disabled={disabled}
          onChange={onChange}
        />
      ))}
      {!disabled && (
        <div className={style.pair}>
          <Button small icon={Plus} onClick={() => more(BLANK)}>
            Condition
          </Button>
          {path.length / 2 < DEEPEST - 1 && (
            <Button small icon={Plus} onClick={() => more({ [kind === "all" ? "any" : "all"]: [BLANK] })}>
              Group
            </Button>
          )}
        </div>
      )}
    </fieldset>
  );
}
