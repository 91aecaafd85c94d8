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

const OF_TRIGGER: Readonly<Record<string, LucideIcon>> = {
  manual: Play,
  webhook: Webhook,
  cron: Clock,
  chat: MessageSquare,
};

const OF_CATEGORY: Readonly<Record<string, LucideIcon>> = {
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
};

/** The picture of a node type: that of what begins it, or of its category. */
export function iconOf(manifest: Manifest | null): LucideIcon {
  if (manifest === null) return Box;
  return OF_TRIGGER[manifest.trigger ?? ""] ?? OF_CATEGORY[manifest.category ?? ""] ?? Box;
}
