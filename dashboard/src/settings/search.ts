export interface AuditSearch {
  readonly actor?: string;
  readonly action?: string;
}

export function readAuditSearch(search: Record<string, unknown>): AuditSearch {
  const { actor, action } = search;
  return {
    ...(typeof actor === "string" && actor !== "" && { actor }),
    ...(typeof action === "string" && action !== "" && { action }),
  };
}
