const TONES = { accent: "bg-accent", good: "bg-good", warn: "bg-warn", bad: "bg-bad", muted: "bg-faint" } as const;

/** A share in [0, 1] as a bar. Its number stands beside it, or in `label` for those who cannot see it. */
export function Bar(props: { share: number | null; label: string; tone?: keyof typeof TONES; className?: string }) {
  const known = props.share !== null && Number.isFinite(props.share);
  const share = known ? Math.min(1, Math.max(0, props.share ?? 0)) : 0;
  return (
    <div
      role="progressbar"
      aria-label={props.label}
      aria-valuemin={0}
      aria-valuemax={100}
      aria-valuenow={known ? Math.round(share * 100) : undefined}
      className={`h-1.5 overflow-hidden rounded-full bg-sunken ${props.className ?? ""}`}
    >
      <div
        className={`h-full origin-left rounded-full transition-transform duration-200 ${TONES[props.tone ?? "accent"]}`}
        style={{ transform: `scaleX(${share})` }}
      />
    </div>
  );
}
