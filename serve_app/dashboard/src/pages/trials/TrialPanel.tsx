/** Placeholder until its owner writes it. */
export default function TrialPanel(_props: { id: string; number: number; onClose: () => void }) {
  return <div data-page="trial" />;
}
