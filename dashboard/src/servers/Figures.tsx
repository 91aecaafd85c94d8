import { ago } from "@/ui/times";
import style from "./Figures.module.css";
import { Meter } from "./Meter";
import type { Server } from "./state";

export function Figures({ server }: { server: Server }) {
  const { system_info: info, slots } = server;
  const facts: readonly (readonly [string, string | undefined | null])[] = [
    ["Host", server.hostname],
    ["System", [info.platform ?? server.os, info.platform_release].filter(Boolean).join(" ")],
    ["Account", info.os_username],
    ["Python", info.python_version],
    ["Daemon", server.agent_version],
    ["Up for", info.uptime_seconds === undefined ? undefined : ago(info.uptime_seconds)],
    ["Joined", new Date(server.created_at).toLocaleString()],
  ];
  return (
    <>
      <Meter label="Slots" value={slots.used} of={slots.max} text={`${slots.used} / ${slots.max}`} />
      <Meter label="CPU" value={info.cpu_percent} of={100} text={`${Math.round(info.cpu_percent ?? 0)} %`} />
      <Meter
        label="Memory"
        value={info.memory_percent}
        of={100}
        text={`${(info.memory_used_gb ?? 0).toFixed(1)} / ${(info.memory_total_gb ?? 0).toFixed(0)} GB`}
      />
      <Meter
        label="Disk"
        value={info.disk_percent}
        of={100}
        text={`${(info.disk_used_gb ?? 0).toFixed(0)} / ${(info.disk_total_gb ?? 0).toFixed(0)} GB`}
      />
      <dl className={style.facts}>
        {facts.map(
          ([name, value]) =>
            value && (
              <div key={name}>
                <dt>{name}</dt>
                <dd>{value}</dd>
              </div>
            ),
        )}
      </dl>
    </>
  );
}
