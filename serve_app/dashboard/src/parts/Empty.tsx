import type { ReactNode } from "react";
import { ButtonLink } from "./Button";

interface Props {
  title?: string;
  text: string;
  href?: string;
  action?: string;
  /** It is all that the page shows: its title is the page's. */
  page?: boolean;
  children?: ReactNode;
}

/** Says that there is nothing to show, why, and what to do about it. */
export function Empty(props: Props) {
  const Title = props.page === true ? "h1" : "h2";
  return (
    <div className="flex flex-col items-center gap-2 px-4 py-8 text-center">
      {props.title !== undefined && <Title className="text-[16px] font-semibold">{props.title}</Title>}
      <p className="max-w-prose text-muted">{props.text}</p>
      {props.href !== undefined && props.action !== undefined && (
        <ButtonLink href={props.href}>{props.action}</ButtonLink>
      )}
      {props.children}
    </div>
  );
}
