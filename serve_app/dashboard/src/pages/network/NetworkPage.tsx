/** Placeholder until its owner writes it. */
export default function NetworkPage(_props: { id: string }) {
  return <div data-page="network" />;
}
