/** Placeholder until its owner writes it. */
export default function LivePage(_props: { id: string }) {
  return <div data-page="live" />;
}
