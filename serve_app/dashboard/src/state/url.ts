/**
 * Typed search parameters: what a link shows is in its address. A parameter that has its fallback value is left out, so
 * that addresses stay short. Writing replaces the entry of the history unless `push` is given.
 */
import { useCallback, useMemo } from "react";
import { useSearch } from "wouter";
import { navigate } from "wouter/use-browser-location";

export interface Codec<T> {
  /** The value of a parameter's text; null: the parameter is absent. A text that is no value gives the fallback. */
  read: (text: string | null) => T;
  /** The text of a value; null: leave the parameter out. */
  write: (value: T) => string | null;
}

function numberCodec(fallback: number): Codec<number>;
function numberCodec(fallback: null): Codec<number | null>;
function numberCodec(fallback: number | null): Codec<number | null> | Codec<number> {
  return {
    read: (text) => {
      const read = text === null || text.trim() === "" ? Number.NaN : Number(text);
      return Number.isFinite(read) ? read : fallback;
    },
    write: (value: number | null) => (value === null || value === fallback ? null : String(value)),
  } as Codec<number | null>;
}

export const codecs = {
  text: (fallback = ""): Codec<string> => ({
    read: (text) => text ?? fallback,
    write: (value) => (value === fallback ? null : value),
  }),
  number: numberCodec,
  /** Texts separated by commas; a comma inside one is escaped. The empty list is left out. */
  list: (): Codec<readonly string[]> => ({
    read: (text) => (text === null || text === "" ? [] : text.split(",").map((part) => part.replaceAll("%2C", ","))),
    write: (values) => (values.length === 0 ? null : values.map((part) => part.replaceAll(",", "%2C")).join(",")),
  }),
  choice: <C extends string>(values: readonly C[], fallback: NoInfer<C>): Codec<C> => ({
    read: (text) => values.find((value) => value === text) ?? fallback,
    write: (value) => (value === fallback ? null : value),
  }),
  flag: (): Codec<boolean> => ({
    read: (text) => text === "1",
    write: (value) => (value ? "1" : null),
  }),
};

/** The search text with one parameter changed; the others keep their order. Without a question mark. */
export function withParam(search: string, name: string, text: string | null): string {
  const params = new URLSearchParams(search);
  if (text === null) params.delete(name);
  else params.set(name, text);
  return params.toString();
}

/** Changes several parameters in one step of the history. */
export function writeParams(changes: Readonly<Record<string, string | null>>, options?: { push?: boolean }): void {
  let search = window.location.search;
  for (const [name, text] of Object.entries(changes)) search = withParam(search, name, text);
  const address = window.location.pathname + (search === "" ? "" : `?${search.replace(/^\?/, "")}`);
  if (address !== window.location.pathname + window.location.search) {
    navigate(address, { replace: options?.push !== true });
  }
}

/** One search parameter. Its value keeps its identity while its text is the same. Keep the codec outside components. */
export function useParam<T>(name: string, codec: Codec<T>): [T, (value: T, options?: { push?: boolean }) => void] {
  const text = new URLSearchParams(useSearch()).get(name);
  const value = useMemo(() => codec.read(text), [codec, text]);
  const write = useCallback(
    (next: T, options?: { push?: boolean }) => writeParams({ [name]: codec.write(next) }, options),
    [name, codec],
  );
  return [value, write];
}
