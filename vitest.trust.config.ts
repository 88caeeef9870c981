import { defineConfig, mergeConfig } from "vitest/config";
import base from "./vitest.config.ts";

/** The slow tests of trust; MOVIE_REVENUE_TRUST_SHARE=0.05 tries a twentieth of their inputs. */
const trust = mergeConfig(base, defineConfig({ test: { disableConsoleIntercept: true } }));
export default { ...trust, test: { ...trust.test, include: ["test/trust/**/*.test.ts"], exclude: [] } };
