import { useCallback, useRef, useState } from "react";
import { KeyRow } from "./KeyRow";
import { LinkDialog } from "./LinkDialog";
import style from "./LiveTerminal.module.css";
import { PasteDialog } from "./PasteDialog";
import { type Paste, paste } from "./pasting";
import { quoted } from "./prompts";
import type { Session } from "./queries";
import { SearchBar } from "./SearchBar";
import { Signs } from "./Signs";
import { Toolbar } from "./Toolbar";
import { useAttachment, useStanding } from "./useAttachment";
import { useCovered, useKeyboard } from "./useKeyboard";
import { useSize } from "./useSize";
import { useTouch } from "./useTouch";

/** A session as it is now: watched by everybody, driven by one. */
export function LiveTerminal({ session }: { session: Session }) {
  const host = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const [link, setLink] = useState<string | null>(null);
  const [title, setTitle] = useState("");
  const [searching, setSearching] = useState(false);
  const [ctrl, setCtrl] = useState(false);
  const [pasting, setPasting] = useState<Paste | null>(null);
  const onLink = useCallback((url: string) => setLink(url), []);
  const onTitle = useCallback((text: string) => setTitle(text), []);
  const attached = useAttachment(host, session.id, { onLink, onTitle });
  const standing = useStanding(attached);
  useSize(host, attached, standing);
  useTouch(host, attached);
  const covered = useCovered();

  function offerPaste(text: string) {
    if (attached === null || text === "") return;
    if (standing.mode !== "drive" || standing.phase !== "live") return attached.attachment.refuseKeys();
    const offered = paste(text, attached.screen.terminal.modes.bracketedPasteMode);
    if (offered.warning === null) type(offered.text);
    else setPasting(offered);
  }
  /** By the terminal: it knows whether the program wants pastes marked. */
  function type(text: string) {
    attached?.screen.terminal.paste(text);
    attached?.screen.terminal.focus();
  }
  useKeyboard(host, attached, standing, {
    ctrl,
    setCtrl,
    onPaste: offerPaste,
    onSearch: () => setSearching(true),
    onLeave: () => button.current?.focus(),
  });

  return (
    <section className={style.live} aria-label={`Terminal of ${session.name}`} style={{ paddingBlockEnd: covered }}>
      <Toolbar
        attached={attached}
        standing={standing}
        session={session}
        title={title}
        prompt={quoted(session.attention?.why ?? "", session.attention?.evidence)}
        button={button}
        onSearch={() => setSearching(!searching)}
        onPaste={offerPaste}
      />
      {searching && attached && (
        <SearchBar
          screen={attached.screen}
          onClose={() => {
            setSearching(false);
            attached.screen.terminal.focus();
          }}
        />
      )}
      <Signs standing={standing} session={session} />
      <div className={style.frame} data-mode={standing.mode} data-phase={standing.phase}>
        <div ref={host} className={style.host} data-takes-keys data-testid="terminal" />
      </div>
      <KeyRow attached={attached} standing={standing} ctrl={ctrl} onCtrl={setCtrl} onPaste={offerPaste} />
      {link !== null && <LinkDialog url={link} onClose={() => setLink(null)} />}
      {pasting && <PasteDialog paste={pasting} onPaste={type} onClose={() => setPasting(null)} />}
    </section>
  );
}
