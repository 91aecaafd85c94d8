/** Put the cursor into the field at a path once its panel is drawn: the field itself, or the nearest one around it. */
export function focusField(path: string): void {
  requestAnimationFrame(() => requestAnimationFrame(() => fieldAt(path)?.focus()));
}

function fieldAt(path: string): HTMLElement | null {
  const parts = path.split(".");
  for (let length = parts.length; length > 0; length--) {
    const row = document.querySelector(`[data-field="${CSS.escape(parts.slice(0, length).join("."))}"]`);
    if (row === null) continue;
    const fold = row.closest("details");
    if (fold) fold.open = true;
    const box = row.querySelector<HTMLElement>("input, select, textarea") ?? row.querySelector<HTMLElement>("button");
    box?.scrollIntoView({ block: "nearest" });
    return box;
  }
  return null;
}
