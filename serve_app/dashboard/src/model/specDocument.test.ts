import { expect, test } from "vitest";
import { optionsDocument, spaceOfKind } from "./specDocument";
import { option } from "./specSample";

const field = option("trials");
const row = { name: "dropout", range: "0..0.5", widest: "0 to 0.95", only_with: "", meaning: "share left out" };

test("fields and the space of each kind of data", () => {
  const document = optionsDocument({ fields: [field], search_space: { images: [row], texts: [row, row] } });
  expect(document.fields).toEqual([field]);
  expect(spaceOfKind(document, "image")).toHaveLength(1);
  expect(spaceOfKind(document, "text")).toHaveLength(2);
  expect(spaceOfKind(document, null)).toHaveLength(1);
});

test("what an answer lacks leaves the rest usable", () => {
  expect(optionsDocument(null)).toEqual({ fields: [], space: {} });
  expect(optionsDocument({ fields: [field, { name: 3 }, null], search_space: { images: "?" } })).toEqual({
    fields: [field],
    space: { images: [] },
  });
});
