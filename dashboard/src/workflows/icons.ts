import {
  Bot,
  Box,
  Braces,
  Clock,
  Code,
  FileText,
  Globe,
  type LucideIcon,
  MessageSquare,
  Play,
  Split,
  SquareTerminal,
  Webhook,
  Wrench,
  Zap,
} from "lucide-react";
import type { Manifest } from "./shapes";

// Maps, for the words are a machine's: an object has a `constructor` that nobody put there.
const OF_TRIGGER: ReadonlyMap<string, LucideIcon> = new Map(
  Object.entries({
    manual: Play,
    webhook: Webhook,
    cron: Clock,
    chat: MessageSquare,
  }),
);

const OF_CATEGORY: ReadonlyMap<string, LucideIcon> = new Map(
  Object.entries({
    trigger: Zap,
    flow: Split,
    system: SquareTerminal,
    network: Globe,
    code: Code,
    files: FileText,
    filesystem: FileText,
    data: Braces,
    agents: Bot,
    agent: Bot,
    utility: Wrench,
  }),
);

/** The picture of a node type: that of what begins it, or of its category. */
export function iconOf(manifest: Manifest | null): LucideIcon {
  if (manifest === null) return Box;
  return OF_TRIGGER.get(manifest.trigger ?? "") ?? OF_CATEGORY.get(manifest.category ?? "") ?? Box;
}
