/** Placeholder until its owner writes it. */
export default function StudiesPage() {
  return <div data-page="studies" />;
}
