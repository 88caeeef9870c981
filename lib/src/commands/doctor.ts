import { examine } from "../doctor";
import type { Command } from "./command";
import { print } from "./shared";

export const doctorCommand: Command = {
  summary: "tells what is there of engine, kernel, weights and data, and what to do",
  help: "movie-revenue doctor\n\nExits with 1 where something is missing.",
  options: {},
  async run() {
    const findings = await examine();
    for (const { what, ok, state, advice } of findings) {
      print(`${ok ? "✓" : "✗"} ${what.padEnd(8)} ${state}${advice ? `\n           → ${advice}` : ""}`);
    }
    return findings.every(({ ok }) => ok) ? 0 : 1;
  },
};
