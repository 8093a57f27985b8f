/** Placeholder until its owner writes it. */
export default function NewPage() {
  return <div data-page="new" />;
}
