import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    exclude: ["test/trust/**", "test/walk/**", "**/node_modules/**"],
    // the compiled package is CommonJS behind a workspace link: load it with Node, as notebooks and scripts do
    server: { deps: { external: [/lib\/dist/] } },
    pool: "forks",
    maxWorkers: 2,
    testTimeout: 300_000,
    hookTimeout: 300_000,
  },
});
