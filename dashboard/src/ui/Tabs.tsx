import style from "./Tabs.module.css";

interface TabsProps<T extends string> {
  readonly tabs: readonly { readonly key: T; readonly label: string; readonly count?: number | undefined }[];
  readonly current: T;
  readonly onChoose: (tab: T) => void;
  readonly label: string;
}

/** A row of tabs; which one is open belongs in the URL, so that it can be copied. */
export function Tabs<T extends string>({ tabs, current, onChoose, label }: TabsProps<T>) {
  return (
    <div role="tablist" aria-label={label} className={style.tabs} onKeyDown={onArrows}>
      {tabs.map((tab) => (
        <button
          key={tab.key}
          type="button"
          role="tab"
          id={`tab-${tab.key}`}
          aria-selected={tab.key === current}
          tabIndex={tab.key === current ? 0 : -1}
          onClick={() => onChoose(tab.key)}
        >
          {tab.label}
          {tab.count !== undefined && <span className={style.count}>{tab.count}</span>}
        </button>
      ))}
    </div>
  );
}

function onArrows(event: React.KeyboardEvent<HTMLDivElement>): void {
  const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
  if (step === undefined) return;
  const all = [...event.currentTarget.querySelectorAll<HTMLButtonElement>("[role=tab]")];
  const next = all[(all.indexOf(document.activeElement as HTMLButtonElement) + step + all.length) % all.length];
  next?.focus();
  next?.click();
}
