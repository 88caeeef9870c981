import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The slow tests of trust; MOVIE_REVENUE_TRUST_SHARE=0.05 tries a twentieth of their inputs. */
const trust = mergeConfig(base, defineConfig({ test: { disableConsoleIntercept: true } }));
const slow = { testTimeout: 3_600_000, hookTimeout: 600_000 };
export default { ...trust, test: { ...trust.test, ...slow, include: ["test/trust/**/*.test.ts"], exclude: [] } };
