import { ChevronDown, ChevronUp, X } from "lucide-react";
import { type KeyboardEvent, useEffect, useState } from "react";
import { Button } from "@/ui/Button";
import style from "./SearchBar.module.css";
import type { XtermScreen } from "./screen";

/** Search in what the terminal holds. */
export function SearchBar({ screen, onClose }: { screen: XtermScreen; onClose: () => void }) {
  const [text, setText] = useState("");
  const [found, setFound] = useState("");
  useEffect(() => {
    screen.onFound((at, of) => setFound(of === 0 ? "nothing found" : `${at < 0 ? "many" : at + 1} of ${of}`));
    return () => screen.find("", true);
  }, [screen]);
  function change(next: string) {
    setText(next);
    if (next === "") setFound("");
    screen.find(next, false);
  }
  function key(event: KeyboardEvent) {
    if (event.key === "Escape") onClose();
    else if (event.key === "Enter") screen.find(text, event.shiftKey);
    else return;
    event.preventDefault();
  }
  return (
    <search className={style.bar}>
      <input
        type="search"
        aria-label="Search in the terminal"
        placeholder="Search in the terminal"
        autoFocus
        value={text}
        onChange={(event) => change(event.target.value)}
        onKeyDown={key}
      />
      <span className={style.found} role="status">
        {found}
      </span>
      <Button kind="quiet" small icon={ChevronUp} aria-label="Earlier" onClick={() => screen.find(text, false)} />
      <Button kind="quiet" small icon={ChevronDown} aria-label="Later" onClick={() => screen.find(text, true)} />
      <Button kind="quiet" small icon={X} aria-label="Close the search" onClick={onClose} />
    </search>
  );
}
