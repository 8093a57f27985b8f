import { Fragment } from "react";
import { Link } from "wouter";
import { explained } from "../../model/glossary";
import type { Sentence } from "../../model/sentence";
import { Tip } from "../../parts/Tip";

const look =
  "focus-ring rounded font-medium text-accent underline decoration-accent/40 underline-offset-2 hover:decoration-accent";

/** A text whose words of the field are explained on hover and on focus. */
export function Explained({ text }: { text: string }) {
  return explained(text).map((part, place) =>
    part.meaning === undefined ? (
      <Fragment key={place}>{part.text}</Fragment>
    ) : (
      <Tip key={place} text={part.meaning}>
        <button
          type="button"
          className="focus-ring cursor-help rounded underline decoration-muted decoration-dotted underline-offset-2"
        >
          {part.text}
        </button>
      </Tip>
    ),
  );
}

/** A sentence whose numbers are links. */
export function Words({ of: sentence }: { of: Sentence }) {
  return sentence.map((piece, place) => {
    if (piece.href === undefined) return <Explained key={place} text={piece.text} />;
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
