import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { answer, hub } from "@/api/client";
import type { components } from "@/api/schema";
import { serversQuery, tokensQuery } from "@/servers/queries";
import { countdown } from "@/servers/state";
import { useAction } from "@/ui/action";
import { Button } from "@/ui/Button";
import { useNow } from "@/ui/clock";
import { Empty } from "@/ui/Empty";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { Tag } from "@/ui/Status";
import { type Column, Table } from "@/ui/Table";

type Token = components["schemas"]["TokenView"];

export function Tokens() {
  const servers = useQuery(serversQuery).data?.servers ?? [];
  const columns: Column<Token>[] = [
    { name: "Id", cell: (it) => <code>{it.id.slice(0, 8)}</code> },
    { name: "State", cell: (it) => <State token={it} name={servers.find((one) => one.id === it.used_by)?.name} /> },
    { name: "Made by", cell: (it) => it.created_by },
    { name: "Made", cell: (it) => <Since at={it.created_at} suffix=" ago" /> },
    { name: "", align: "end", cell: (it) => <Revoke token={it} /> },
  ];
  return (
    <>
      <p>
        A token lets one machine join. <Link to="/servers/join">Make one</Link>
      </p>
      <Loaded query={useQuery(tokensQuery)}>
        {({ tokens }) =>
          tokens.length === 0 ? (
            <Empty title="No tokens." cli="corral token create" />
          ) : (
            <Table label="Registration tokens" rows={tokens} rowKey={(it) => it.id} columns={columns} />
          )
        }
      </Loaded>
    </>
  );
}

function State({ token, name }: { token: Token; name: string | undefined }) {
  const left = countdown(token.expires_at, useNow());
  if (token.used_at) return <Tag tone="ok">{name ? `enrolled ${name}` : "used"}</Tag>;
  if (token.revoked_at) return <Tag>revoked</Tag>;
  return left === null ? <Tag>expired</Tag> : <Tag tone="accent">open for {left}</Tag>;
}

function Revoke({ token }: { token: Token }) {
  const isOver = countdown(token.expires_at, useNow()) === null;
  const revoke = useAction({
    run: () => answer(hub.DELETE("/api/v1/servers/tokens/{token}", { params: { path: { token: token.id } } })),
    done: "Revoked",
    touches: [["servers", "tokens"]],
  });
  if (token.used_at || token.revoked_at || isOver) return null;
  return (
    <Button small busy={revoke.isPending} onClick={() => revoke.mutate()}>
      Revoke
    </Button>
  );
}
