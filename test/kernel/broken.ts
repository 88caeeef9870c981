/** Cells that every tool must fail, and how the project's kernel names what is wrong with them. */
export const broken = {
  thrown: { cell: 'throw new RangeError("boom");', error: "RangeError: boom" },
  typeError: {
    cell: 'const dollars: number = "many";',
    error: "TypeScriptError: 1:7 - Type 'string' is not assignable to type 'number'.",
  },
  unawaited: {
    cell: 'async function load() { throw new Error("nobody waited"); }\nvoid load();',
    error: "Error: nobody waited",
  },
};
