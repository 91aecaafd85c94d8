import {
  Ban,
  CircleAlert,
  CircleCheck,
  CircleDashed,
  CircleDot,
  CircleHelp,
  CirclePause,
  CirclePlay,
  CircleSlash,
  CircleX,
  Clock,
  Eye,
  Hourglass,
  ListChecks,
  type LucideIcon,
  MailX,
  MessageCircleQuestion,
  PlugZap,
  RefreshCw,
  Skull,
  Unplug,
  Zap,
} from "lucide-react";

export type Tone = "ok" | "info" | "warn" | "danger" | "quiet" | "accent";

interface Look {
  readonly tone: Tone;
  readonly icon: LucideIcon;
}

/** How a word of the vocabulary looks wherever it stands: an icon and a tone beside the word, never colour alone. */
const LOOKS: Readonly<Record<string, Look>> = {
  // tasks, runs, nodes
  pending: { tone: "quiet", icon: CircleDashed },
  assigned: { tone: "info", icon: CircleDot },
  scheduled: { tone: "info", icon: Clock },
  planning: { tone: "info", icon: ListChecks },
  plan_review: { tone: "warn", icon: Eye },
  running: { tone: "info", icon: CirclePlay },
  review: { tone: "warn", icon: Eye },
  needs_human: { tone: "warn", icon: MessageCircleQuestion },
  waiting: { tone: "warn", icon: Hourglass },
  paused: { tone: "warn", icon: CirclePause },
  done: { tone: "ok", icon: CircleCheck },
  completed: { tone: "ok", icon: CircleCheck },
  success: { tone: "ok", icon: CircleCheck },
  cached: { tone: "ok", icon: Zap },
  failed: { tone: "danger", icon: CircleX },
  cancelled: { tone: "quiet", icon: Ban },
  skipped: { tone: "quiet", icon: CircleSlash },
  // the inbox's kinds
  intervention: { tone: "warn", icon: MessageCircleQuestion },
  approval: { tone: "warn", icon: Eye },
  dead_letter: { tone: "danger", icon: MailX },
  host_lost: { tone: "danger", icon: Unplug },
  // servers
  online: { tone: "ok", icon: PlugZap },
  connected: { tone: "ok", icon: PlugZap },
  stale: { tone: "warn", icon: CircleAlert },
  draining: { tone: "warn", icon: CirclePause },
  cordoned: { tone: "warn", icon: CircleSlash },
  offline: { tone: "danger", icon: Unplug },
  // sessions
  starting: { tone: "info", icon: RefreshCw },
  working: { tone: "info", icon: CirclePlay },
  idle: { tone: "quiet", icon: CircleDashed },
  waits_for_input: { tone: "warn", icon: MessageCircleQuestion },
  finished: { tone: "ok", icon: CircleCheck },
  closed: { tone: "quiet", icon: CircleSlash },
  lost: { tone: "danger", icon: Unplug },
  dead: { tone: "danger", icon: Skull },
};

export function lookOf(word: string): Look {
  return (Object.hasOwn(LOOKS, word) ? LOOKS[word] : undefined) ?? { tone: "quiet", icon: CircleHelp };
}

/** `needs_human` as people read it. */
export function spaced(word: string): string {
  return word.replaceAll("_", " ");
}
