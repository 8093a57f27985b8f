import { Fragment } from "react";
import { Link } from "wouter";
import type { Sentence } from "../../model/sentence";

const look =
  "focus-ring rounded font-medium text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent";

/** A sentence whose numbers are links. */
export function Words({ of: sentence }: { of: Sentence }) {
  return sentence.map((piece, place) => {
    if (piece.href === undefined) return <Fragment key={place}>{piece.text}</Fragment>;
    if (piece.href.startsWith("#")) {
      return (
        <a key={place} href={piece.href} className={look}>
          {piece.text}
        </a>
      );
    }
    return (
      <Link key={place} href={piece.href} className={look}>
        {piece.text}
      </Link>
    );
  });
}
