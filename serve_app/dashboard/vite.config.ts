import tailwindcss from "@tailwindcss/vite";
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

const server = process.env.TUNER_SERVER ?? "http://127.0.0.1:8000";
/** Paths of the server that `npm run dev` passes on. A page that is loaded asks for HTML and stays here. */
const passed = [
  "/jobs",
  "/api",
  "/datasets",
  "/options",
  "/session",
  "/login",
  "/logout",
  "/estimate",
  "/devices",
  "/ws",
];

/** three, fiber, and the packages that only fiber uses. */
const THREE =
  /node_modules[\\/](three|@react-three|its-fine|suspend-react|react-use-measure|zustand[\\/]esm[\\/]traditional|use-sync-external-store[\\/].*with-selector)/;

export default defineConfig({
  base: "/",
  plugins: [react(), tailwindcss()],
  build: {
    outDir: "../static",
    emptyOutDir: true,
    assetsDir: "assets",
    assetsInlineLimit: 0,
    // The content security policy of the server allows no inline script, and every browser that it supports preloads.
    modulePreload: { polyfill: false },
    target: "es2022",
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
    manifest: "manifest.json",
    // three and fiber change seldom: they are a file of their own, beside the code of our scene. What the first page loads
    // too (React, zustand) stays out of it.
    rolldownOptions: {
      output: { codeSplitting: { includeDependenciesRecursively: false, groups: [{ name: "three", test: THREE }] } },
    },
  },
  worker: { format: "es" },
  server: {
    proxy: Object.fromEntries(
      passed.map((path) => [
        path,
        {
          target: server,
          ws: path === "/ws",
          bypass: (request: { headers: { accept?: string }; url?: string }) =>
            request.headers.accept?.includes("text/html") ? "/index.html" : undefined,
        },
      ]),
    ),
  },
  // A busy machine is many times slower than an idle one.
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node", testTimeout: 60_000 },
});
