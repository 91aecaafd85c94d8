import { useState } from "react";

interface NameInputProps {
  readonly name: string;
  readonly label: string;
  readonly disabled: boolean;
  readonly onRename: (name: string) => void;
}

/** A name that is taken over when its input is left: half a name is none. */
export function NameInput({ name, label, disabled, onRename }: NameInputProps) {
  const [typed, setTyped] = useState<string | null>(null);
  function leave() {
    if (typed !== null && typed !== name) onRename(typed.trim());
    setTyped(null);
  }
  return (
    <input
      type="text"
      aria-label={label}
      value={typed ?? name}
      disabled={disabled}
      spellCheck={false}
      onChange={(event) => setTyped(event.target.value)}
      onBlur={leave}
      onKeyDown={(event) => event.key === "Enter" && leave()}
    />
  );
}
