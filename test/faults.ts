import fs, { type FileHandle } from "node:fs/promises";
import { vi } from "vitest";

/** What fails: the `call`-th file call of the work, from 0; of a write, after so many bytes. */
export interface Fault {
  call: number;
  code: string;
  bytes?: number;
}

type Calls = Record<string, (...args: unknown[]) => Promise<unknown>>;

/** Runs the work with one of its file calls failing, if one is named; the names of all that it made. */
export async function withFault(fault: Fault | null, work: () => Promise<unknown>): Promise<string[]> {
  const made: string[] = [];
  const faulty = (object: Calls, name: string) => {
    const real = object[name]!.bind(object);
    return async (...args: unknown[]) => {
      const fails = fault?.call === made.length ? fault : null;
      made.push(name);
      if (fails) await failing(fails, { name, real, args });
      const result = await real(...args);
      if (name === "open") for (const own of OF_HANDLES) (result as Calls)[own] = faulty(result as Calls, own);
      return result;
    };
  };
  const files = fs as unknown as Calls;
  const spies = ["mkdir", "open", "rename"].map((name) => {
    const call = faulty(files, name);
    return vi.spyOn(files, name).mockImplementation(call);
  });
  try {
    await work();
  } finally {
    for (const spy of spies) spy.mockRestore();
  }
  return made;
}

const OF_HANDLES: (keyof FileHandle & string)[] = ["writeFile", "sync", "close"];

/** Fails as a system does: a failed close has closed, and a full disk has taken what it could. */
async function failing(
  { code, bytes = 0 }: Fault,
  { name, real, args }: { name: string; real: Calls[string]; args: unknown[] },
): Promise<never> {
  if (name === "close") await real();
  if (name === "writeFile") await real(Buffer.from(args[0] as Uint8Array).subarray(0, bytes));
  throw Object.assign(new Error(`${code}: said by the system`), { code });
}
