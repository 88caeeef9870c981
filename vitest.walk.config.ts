import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** Every notebook in JupyterLab, papermill, nbconvert and nbmake. */
const walk = mergeConfig(base, defineConfig({ test: { testTimeout: 1_200_000, hookTimeout: 1_200_000 } }));
export default { ...walk, test: { ...walk.test, include: ["test/walk/**/*.test.ts"], exclude: [] } };
