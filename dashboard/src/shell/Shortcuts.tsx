import { Dialog } from "@/ui/Dialog";
import { PLACES } from "./places";
import style from "./Shortcuts.module.css";

const OTHERS: readonly (readonly [string, string])[] = [
  ["⌘K / Ctrl K", "Search or act"],
  ["?", "This list"],
  ["j / k", "Next / previous row"],
  ["Enter", "Open the row"],
  ["Esc", "Close"],
];

export function Shortcuts({ onClose }: { onClose: () => void }) {
  return (
    <Dialog title="Keyboard shortcuts" onClose={onClose}>
      <dl className={style.keys}>
        {OTHERS.map(([keys, does]) => (
          <Row key={keys} keys={keys} does={does} />
        ))}
        {PLACES.map((place) => (
          <Row key={place.to} keys={`g ${place.key}`} does={place.label} />
        ))}
      </dl>
    </Dialog>
  );
}

function Row({ keys, does }: { keys: string; does: string }) {
  return (
    <div>
      <dt>
        <kbd>{keys}</kbd>
      </dt>
      <dd>{does}</dd>
    </div>
  );
}
