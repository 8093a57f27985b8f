import { Link } from "wouter";

export function Brand() {
  return (
    <Link href="/" className="focus-ring flex items-center gap-2 rounded-button font-semibold">
      <img src="/icon.svg" alt="" width={22} height={22} />
      Tuner
    </Link>
  );
}
