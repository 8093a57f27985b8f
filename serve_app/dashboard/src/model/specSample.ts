/** Some fields as `GET /options` gives them, for the tests of the form; a Python test compares them with the server's. */
import type { SpecOption } from "./specOptions";
import fields from "./specSample.json";

export const OPTIONS = fields as unknown as SpecOption[];

export function option(name: string): SpecOption {
  const found = OPTIONS.find((one) => one.name === name);
  if (!found) throw new Error(`no sample of ${name}`);
  return found;
}
