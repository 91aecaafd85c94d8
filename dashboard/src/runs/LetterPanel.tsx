import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { RotateCcw, Trash2, X } from "lucide-react";
import { useMayWrite } from "@/login/queries";
import { Button } from "@/ui/Button";
import { Card } from "@/ui/Card";
import { Json } from "@/ui/Json";
import { Loaded } from "@/ui/Loaded";
import { Since } from "@/ui/Since";
import { spaced } from "@/ui/tones";
import { useRemoveLetter, useReplay } from "./actions";
import style from "./NodePanel.module.css";
import { letterQuery } from "./queries";
import type { LetterWhole } from "./shapes";

interface LetterPanelProps {
  readonly id: number;
  readonly onClose: () => void;
  readonly onBegun: (run: string) => void;
}

/** One dead letter, with everything that the node had. */
export function LetterPanel({ id, onClose, onBegun }: LetterPanelProps) {
  return (
    <Loaded query={useQuery(letterQuery(id))}>
      {(letter) => <Panel letter={letter} onClose={onClose} onBegun={onBegun} />}
    </Loaded>
  );
}

function Panel({ letter, onClose, onBegun }: Omit<LetterPanelProps, "id"> & { letter: LetterWhole }) {
  return (
    <div className={style.panel}>
      <header>
        <h2>{letter.key}</h2>
        <Button kind="quiet" small icon={X} aria-label="Close the dead letter" onClick={onClose} />
      </header>
      <Actions letter={letter} onClose={onClose} onBegun={onBegun} />
      <dl className={style.facts}>
        <dt>Node type</dt>
        <dd>{letter.node_type}</dd>
        <dt>Attempt</dt>
        <dd>{letter.attempt}</dd>
        <dt>Failed</dt>
        <dd>
          <Since at={letter.last_error_at} suffix=" ago" />
          {letter.replays > 0 && `, failed again ${letter.replays}×`}
        </dd>
        <dt>Run</dt>
        <dd>
          <Link to="/runs/$run" params={{ run: letter.run_id }} search={{ node: letter.key }}>
            {letter.run_id.slice(0, 8)}
          </Link>
        </dd>
        {letter.replay_run_id && (
          <>
            <dt>Tried again</dt>
            <dd>
              <Link to="/runs/$run" params={{ run: letter.replay_run_id }}>
                {letter.replay_run_id.slice(0, 8)}
              </Link>
            </dd>
          </>
        )}
      </dl>
      <Card title="Error">
        <p className={style.kind}>{spaced(letter.error.kind)}</p>
        <pre className={style.message}>{letter.error.message}</pre>
      </Card>
      <Card title="Input as it was">
        <Json value={letter.inputs} label="input" />
      </Card>
      <Card title="Parameters, filled in">
        <Json value={letter.parameters} label="parameters" />
      </Card>
    </div>
  );
}

function Actions({ letter, onClose, onBegun }: Omit<LetterPanelProps, "id"> & { letter: LetterWhole }) {
  const mayWrite = useMayWrite();
  const replay = useReplay(onBegun);
  const remove = useRemoveLetter(onClose);
  if (!mayWrite) return null;
  const busy = replay.isPending || remove.isPending;
  return (
    <div className={style.buttons}>
      <Button kind="primary" small icon={RotateCcw} busy={busy} onClick={() => replay.mutate(letter.id)}>
        Replay
      </Button>
      <Button small icon={Trash2} busy={busy} onClick={() => remove.mutate(letter.id)}>
        Remove
      </Button>
    </div>
  );
}
