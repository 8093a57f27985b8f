/** The floors of the source: a room imports from rooms below it, never from one above or beside it. */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, relative, sep } from "node:path";
import { describe, expect, it } from "vitest";

const SOURCE = import.meta.dirname;
const FLOORS = [["api"], ["live"], ["model"], ["state"], ["parts"], ["charts", "network"], ["pages"]];
const FLOOR = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor] as const)));
const LONGEST = 200;

function files(folder: string): string[] {
  return readdirSync(folder).flatMap((name) => {
    const path = join(folder, name);
    return statSync(path).isDirectory() ? files(path) : /\.tsx?$/.test(name) ? [path] : [];
  });
}

const room = (path: string) => relative(SOURCE, path).split(sep)[0] ?? "";
const all = files(SOURCE);

/** Every import within the source, from static and from lazy imports. */
function imports(path: string): string[] {
  const text = readFileSync(path, "utf8");
  return [...text.matchAll(/(?:from|import)\s*\(?\s*["'](\.[^"']*)["']/g)].map((found) =>
    join(dirname(path), found[1] ?? ""),
  );
}

describe("the rooms", () => {
  it("import only from the floors below", () => {
    const wrong = all.flatMap((path) =>
      imports(path)
        .filter((target) => {
          const [from, to] = [FLOOR.get(room(path)), FLOOR.get(room(target))];
          return from !== undefined && to !== undefined && room(path) !== room(target) && to >= from;
        })
        .map((target) => `${relative(SOURCE, path)} imports ${relative(SOURCE, target)}`),
    );
    expect(wrong).toEqual([]);
  });

  it("have a floor each", () => {
    const unknown = new Set(all.map(room).filter((name) => !name.includes(".") && !FLOOR.has(name)));
    expect([...unknown]).toEqual([]);
  });

  it("hold only files that can be read at a sitting", () => {
    const long = all
      .filter((path) => !path.includes(`${sep}generated${sep}`))
      .map((path) => ({ file: relative(SOURCE, path), lines: readFileSync(path, "utf8").split("\n").length - 1 }))
      .filter(({ file, lines }) => lines > (file.includes(".test.") ? 2 * LONGEST : LONGEST));
    expect(long).toEqual([]);
  });
});
