/** What the hub answers when it refuses (RFC 9457): what happened, a stable code, and what to do next. */
export class Problem extends Error {
  readonly status: number;
  readonly code: string;
  readonly hint: string;

  constructor(status: number, code: string, detail: string, hint: string) {
    super(detail);
    this.name = "Problem";
    this.status = status;
    this.code = code;
    this.hint = hint;
  }

  static unreachable(cause: unknown): Problem {
    const detail = cause instanceof Error ? cause.message : String(cause);
    return new Problem(0, "hub_unreachable", `the hub did not answer (${detail})`, "is it running? corral doctor");
  }
}

export async function readProblem(response: Response): Promise<Problem> {
  const body = await readBody(response);
  return new Problem(
    response.status,
    text(body.code) || `http_${response.status}`,
    text(body.detail) || text(body.title) || response.statusText || `the hub answered ${response.status}`,
    text(body.hint),
  );
}

async function readBody(response: Response): Promise<Record<string, unknown>> {
  try {
    const body: unknown = await response.clone().json();
    return typeof body === "object" && body !== null ? (body as Record<string, unknown>) : {};
  } catch {
    return {}; // not JSON: a proxy answered; its status says what there is to say
  }
}

function text(value: unknown): string {
  return typeof value === "string" ? value : "";
}
