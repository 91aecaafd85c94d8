import ReactMarkdown from "react-markdown";
import remarkGfm from "remark-gfm";
import style from "./Markdown.module.css";

/** Markdown that anybody may have written: no HTML, no pictures (they would tell their host who reads), web links only. */
export default function Markdown({ text }: { text: string }) {
  return (
    <div className={style.markdown}>
      <ReactMarkdown remarkPlugins={[remarkGfm]} skipHtml urlTransform={webOnly} components={{ a: Link, img: Picture }}>
        {text}
      </ReactMarkdown>
    </div>
  );
}

export function webOnly(url: string): string {
  return /^https?:\/\//i.test(url) ? url : "";
}

function Link({ href, children }: { href?: string | undefined; children?: React.ReactNode }) {
  if (!href) return <span>{children}</span>;
  return (
    <a href={href} target="_blank" rel="noreferrer noopener nofollow" title={href}>
      {children}
    </a>
  );
}

function Picture({ alt }: { alt?: string | undefined }) {
  return <span>[picture{alt ? `: ${alt}` : ""}]</span>;
}
