/** Placeholder until its owner writes it. */
export default function TrialsPage(_props: { id: string }) {
  return <div data-page="trials" />;
}
