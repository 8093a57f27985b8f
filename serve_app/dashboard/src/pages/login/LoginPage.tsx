/** Placeholder until its owner writes it. */
export default function LoginPage() {
  return <div data-page="login" />;
}
