import { useNavigate } from "@tanstack/react-router";
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from "react";
import { ranked } from "@/ui/matching";
import { type Command, useCommands } from "./commands";
import style from "./Palette.module.css";

const MOST = 50;

/** ⌘K: go anywhere, find anything, start something; all by keyboard. */
export function Palette({ onClose }: { onClose: () => void }) {
  const [query, setQuery] = useState("");
  const [at, setAt] = useState(0);
  const ref = useRef<HTMLDialogElement>(null);
  const list = useId();
  const commands = useCommands(useDeferredValue(query));
  const found = ranked(query, commands, (it) => `${it.label} ${it.also ?? ""}`).slice(0, MOST);
  const current = found[Math.min(at, found.length - 1)];
  const navigate = useNavigate();
  useEffect(() => ref.current?.showModal(), []);

  function choose(command: Command | undefined) {
    if (!command) return;
    ref.current?.close();
    if (command.href !== undefined) void navigate({ to: command.href });
    else command.run?.();
  }

  function onKey(event: KeyboardEvent) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step !== undefined) setAt((now) => Math.min(found.length - 1, Math.max(0, now + step)));
    else if (event.key === "Enter") choose(current);
    else return;
    event.preventDefault();
  }

  return (
    <dialog ref={ref} className={style.palette} aria-label="Search or act" onClose={onClose}>
      <input
        role="combobox"
        aria-expanded
        aria-controls={list}
        aria-activedescendant={current && `${list}-${current.key}`}
        aria-label="Search or act"
        placeholder="Go to, find, or do…"
        value={query}
        onChange={(event) => {
          setQuery(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKey}
      />
      <div id={list} role="listbox" aria-label="Results" className={style.list}>
        {found.map((command) => (
          <Option
            key={command.key}
            id={`${list}-${command.key}`}
            command={command}
            current={command === current}
            onChoose={choose}
          />
        ))}
        {found.length === 0 && <p className={style.none}>Nothing matches. Ids work, too.</p>}
      </div>
    </dialog>
  );
}

interface OptionProps {
  readonly id: string;
  readonly command: Command;
  readonly current: boolean;
  readonly onChoose: (command: Command) => void;
}

function Option({ id, command, current, onChoose }: OptionProps) {
  const ref = useRef<HTMLDivElement>(null);
  useEffect(() => {
    if (current) ref.current?.scrollIntoView({ block: "nearest" });
  }, [current]);
  const Icon = command.icon;
  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keys are the combobox's
    <div
      id={id}
      ref={ref}
      role="option"
      tabIndex={-1}
      aria-selected={current}
      className={style.option}
      onClick={() => onChoose(command)}
    >
      <Icon aria-hidden size={16} />
      <span>{command.label}</span>
      <span className={style.also}>{command.also}</span>
    </div>
  );
}
