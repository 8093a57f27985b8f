/** Placeholder until its owner writes it. */
export default function LogPage(_props: { id: string }) {
  return <div data-page="log" />;
}
