import { onlineManager } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import { queryClient } from "./queryClient";

afterEach(() => onlineManager.setOnline(true));

test("a browser without a network asks a server on its own machine", async () => {
  onlineManager.setOnline(false);
  expect(await queryClient.fetchQuery({ queryKey: ["here"], queryFn: () => "answered" })).toBe("answered");
});
