import { Problem } from "@/api/problem";
import type { Definition } from "../definition/definition";
import { begin, type History, redo, step, undo } from "../definition/history";
import { same } from "../definition/json";
import type { WorkflowDetail } from "../shapes";

export type Phase =
  | { readonly name: "quiet" }
  | { readonly name: "saving" }
  | { readonly name: "failed"; readonly error: unknown }
  | { readonly name: "conflict"; readonly theirs: WorkflowDetail };

export interface DraftState {
  readonly history: History<Definition>;
  /** What was saved last as it was here and as the hub wrote it down, and the hub's name for that state. */
  readonly base: { readonly definition: Definition; readonly stored: Definition; readonly at: string };
  readonly phase: Phase;
}

interface Hub {
  readonly save: (definition: Definition, since: string) => Promise<WorkflowDetail>;
  readonly load: () => Promise<WorkflowDetail>;
}

const PAUSE = 700; // milliseconds without an edit after which the draft is saved

/**
 * The draft that somebody edits: undone and redone here, saved by itself. What others have saved meanwhile is taken over
 * where nothing was edited here; where something was, the person is asked, and nothing is saved until then.
 */
export class DraftStore {
  private state: DraftState;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private running: Promise<void> | null = null;
  private heardLast: WorkflowDetail | null = null;
  private readonly watchers = new Set<() => void>();

  constructor(
    workflow: WorkflowDetail,
    private readonly hub: Hub,
  ) {
    this.state = { history: begin(workflow.definition), base: baseOf(workflow), phase: { name: "quiet" } };
  }

  readonly watch = (watcher: () => void): (() => void) => {
    this.watchers.add(watcher);
    return () => void this.watchers.delete(watcher);
  };

  readonly snapshot = (): DraftState => this.state;

  get dirty(): boolean {
    return this.state.history.now !== this.state.base.definition;
  }

  readonly edit = (change: (definition: Definition) => Definition, kind: string | null = null): void => {
    this.become(step(this.state.history, change(this.state.history.now), kind));
  };

  readonly undo = (): void => this.become(undo(this.state.history));

  readonly redo = (): void => this.become(redo(this.state.history));

  /** The hub has said what it has now. */
  heard(workflow: WorkflowDetail): void {
    this.heardLast = workflow;
    if (this.running !== null || !isNewer(workflow.updated_at, this.state.base.at)) return;
    if (this.isOurs(workflow)) this.follow(workflow);
    else if (this.dirty) this.set({ phase: { name: "conflict", theirs: workflow } });
    else this.adopt(workflow);
  }

  /** Give up what was edited here for what somebody else has saved; undo brings it back. */
  readonly takeTheirs = (): void => {
    if (this.state.phase.name === "conflict") this.adopt(this.state.phase.theirs);
  };

  /** Save what was edited here over what somebody else has saved. */
  readonly keepMine = (): void => {
    if (this.state.phase.name !== "conflict") return;
    this.set({ base: baseOf(this.state.phase.theirs), phase: { name: "quiet" } });
    void this.flush().catch(shown);
  };

  /** Save now what is not saved yet. Throws where it could not be. */
  readonly flush = async (): Promise<void> => {
    clearTimeout(this.timer);
    if (this.running !== null) await this.running.catch(shown);
    if (!this.dirty) return;
    if (this.state.phase.name === "conflict") throw new Problem(409, "draft_changed", CHANGED, "choose one of the two");
    this.running = this.save();
    try {
      await this.running;
    } finally {
      this.running = null;
    }
    if (this.heardLast !== null) this.heard(this.heardLast);
    if (this.dirty) this.plan();
  };

  /** Save what is here now; return the hub's name for that state. Throws where it could not be. */
  readonly saved = async (): Promise<string> => {
    await this.flush();
    return this.state.base.at;
  };

  private async save(): Promise<void> {
    const { history, base } = this.state;
    this.set({ phase: { name: "saving" } });
    try {
      const saved = await this.hub.save(history.now, base.at);
      const kept = { definition: history.now, stored: saved.definition, at: saved.updated_at };
      this.set({ base: kept, phase: { name: "quiet" } });
    } catch (error) {
      const theirs = error instanceof Problem && error.code === "draft_changed" ? await this.hub.load() : null;
      if (theirs !== null && this.isOurs(theirs)) {
        this.follow(theirs);
        return this.save();
      }
      this.set({ phase: theirs === null ? { name: "failed", error } : { name: "conflict", theirs } });
      throw error;
    }
  }

  /** Whether the draft is still what was saved here: the workflow was only renamed, or published. */
  private isOurs(workflow: WorkflowDetail): boolean {
    return same(workflow.definition, this.state.base.stored);
  }

  private follow(workflow: WorkflowDetail): void {
    this.set({ base: { ...this.state.base, at: workflow.updated_at } });
  }

  private adopt(workflow: WorkflowDetail): void {
    const history = step(this.state.history, workflow.definition);
    this.set({ history, base: baseOf(workflow), phase: { name: "quiet" } });
  }

  private become(history: History<Definition>): void {
    if (history === this.state.history) return;
    this.set({ history });
    this.plan();
  }

  private plan(): void {
    clearTimeout(this.timer);
    if (this.state.phase.name === "conflict" || !this.dirty) return;
    this.timer = setTimeout(() => void this.flush().catch(shown), PAUSE);
  }

  private set(part: Partial<DraftState>): void {
    this.state = { ...this.state, ...part };
    for (const watcher of this.watchers) watcher();
  }
}

function baseOf({ definition, updated_at }: WorkflowDetail): DraftState["base"] {
  return { definition, stored: definition, at: updated_at };
}

const CHANGED = "somebody else has changed this draft meanwhile";

/** The phase says it already, and the page shows that. */
function shown(): void {}

function isNewer(a: string, b: string): boolean {
  return Date.parse(a) > Date.parse(b);
}
