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
  test: { include: ["src/**/*.test.{ts,tsx}"], environment: "node" },
});
