import type { ButtonHTMLAttributes, ReactNode } from "react";
import { Link } from "wouter";

export type ButtonKind = "plain" | "primary" | "good" | "danger" | "ghost";
export type ButtonSize = "small" | "normal" | "icon";

const KINDS: Record<ButtonKind, string> = {
  plain: "border border-line bg-surface text-main hover:bg-sunken",
  primary: "border border-transparent bg-accent text-on-accent hover:opacity-90",
  good: "border border-transparent bg-good text-page hover:opacity-90",
  danger: "border border-line bg-surface text-bad hover:bg-bad-soft",
  ghost: "border border-transparent text-muted hover:bg-sunken hover:text-main",
};

const SIZES: Record<ButtonSize, string> = {
  small: "h-7 px-2 text-[12px]",
  normal: "h-9 px-3 text-[14px]",
  icon: "size-9 px-0",
};

export function buttonClass(kind: ButtonKind = "plain", size: ButtonSize = "normal", more = ""): string {
  return (
    "focus-ring inline-flex shrink-0 items-center justify-center gap-1.5 rounded-button font-medium whitespace-nowrap " +
    `transition-colors disabled:cursor-not-allowed disabled:opacity-50 ${KINDS[kind]} ${SIZES[size]} ${more}`
  );
}

interface Props extends ButtonHTMLAttributes<HTMLButtonElement> {
  kind?: ButtonKind;
  size?: ButtonSize;
  /** Shows that the action is under way, and takes no second click. */
  busy?: boolean;
}

export function Button({ kind, size, busy = false, className, disabled, children, ...rest }: Props) {
  return (
    <button
      type="button"
      {...rest}
      disabled={disabled === true || busy}
      aria-busy={busy || undefined}
      className={buttonClass(kind, size, className)}
    >
      {busy && <Spinner />}
      {children}
    </button>
  );
}

/** A link within the dashboard that looks like a button. */
export function ButtonLink(props: {
  href: string;
  kind?: ButtonKind;
  size?: ButtonSize;
  className?: string;
  children: ReactNode;
  "aria-label"?: string;
}) {
  const { kind, size, className, ...rest } = props;
  return <Link {...rest} className={buttonClass(kind, size, className)} />;
}

export function Spinner() {
  return (
    <span
      aria-hidden="true"
      className="size-3.5 animate-spin rounded-full border-2 border-current border-r-transparent motion-reduce:animate-none"
    />
  );
}
