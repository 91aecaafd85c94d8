import {
  Bot,
  Box,
  Braces,
  Clock,
  Code,
  FileText,
  Globe,
  Hourglass,
  type LucideIcon,
  MessageCircleQuestion,
  MessageSquare,
  Play,
  Split,
  SquareTerminal,
  Webhook,
  Wrench,
  Zap,
} from "lucide-react";
import type { Manifest } from "./shapes";

const OF_TYPE: Readonly<Record<string, LucideIcon>> = {
  start: Play,
  webhookTrigger: Webhook,
  cronScheduler: Clock,
  chatTrigger: MessageSquare,
  timer: Hourglass,
  approval: MessageCircleQuestion,
  shell: SquareTerminal,
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

/** The picture of a node type: its own, or its category's. */
export function iconOf(manifest: Manifest | null): LucideIcon {
  if (manifest === null) return Box;
  return OF_TYPE[manifest.type] ?? OF_CATEGORY[manifest.category ?? ""] ?? Box;
}
