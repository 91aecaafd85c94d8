import type { LucideIcon } from "lucide-react";
import type { ComponentProps } from "react";
import style from "./Button.module.css";

export interface ButtonProps extends ComponentProps<"button"> {
  readonly kind?: "primary" | "plain" | "danger" | "quiet";
  readonly icon?: LucideIcon;
  /** Waits for the hub: shown, and not to be pressed twice. */
  readonly busy?: boolean;
  readonly small?: boolean;
}

export function Button({
  kind = "plain",
  icon: Icon,
  busy,
  small,
  children,
  disabled,
  className,
  ...rest
}: ButtonProps) {
  const names = [style.button, style[kind], small && style.small, children === undefined && style.square, className];
  return (
    <button
      type="button"
      className={names.filter(Boolean).join(" ")}
      disabled={disabled || busy}
      aria-busy={busy || undefined}
      {...rest}
    >
      {Icon && <Icon aria-hidden size={small ? 14 : 16} />}
      {children}
    </button>
  );
}
