import type { ReactNode } from "react";
import { ButtonLink } from "./Button";

/** Says that there is nothing to show, why, and what to do about it. */
export function Empty(props: { title?: string; text: string; href?: string; action?: string; children?: ReactNode }) {
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center">
      {props.title !== undefined && <h2 className="text-[16px] font-semibold">{props.title}</h2>}
      <p className="max-w-prose text-muted">{props.text}</p>
      {props.href !== undefined && props.action !== undefined && (
        <ButtonLink href={props.href}>{props.action}</ButtonLink>
      )}
      {props.children}
    </div>
  );
}
