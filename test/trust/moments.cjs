// Loaded by `node --require` into a training: counts the engine's ops and the file calls from the first variable on, and
// at the MOMENT-th sends this process a SIGNAL; a write stops half way for it. EVENTS names a file for the list of all.
const { EVENTS, MOMENT, SIGNAL } = process.env;
const fs = require("node:fs");
const Module = require("node:module");
const { basename } = require("node:path");
const promises = require("node:fs/promises");

const events = [];
let begun = false;

/** Counts an event; true where it is the moment. */
function happens(event) {
  begun ||= event === "op VarHandleOp";
  if (!begun) return false;
  events.push(event);
  return events.length - 1 === Number(MOMENT ?? -1);
}

const end = () => process.kill(process.pid, SIGNAL);

function counted(object, name, labelOf) {
  const real = object[name];
  object[name] = async function (...args) {
    if (happens(`${name} ${labelOf(...args)}`)) {
      if (name === "writeFile") await real.call(this, Buffer.from(args[0]).subarray(0, args[0].length / 2));
      end();
    }
    const result = await real.apply(this, args);
    if (name === "open") for (const own of ["writeFile", "sync", "close"]) counted(result, own, () => labelOf(...args));
    return result;
  };
}

// a temporary counts as the file that it becomes
const nameOf = (path) => basename(String(path)).replace(/\.\d+-[0-9a-f]{12}\.tmp$/, "");
counted(promises, "open", nameOf);
counted(promises, "rename", (_, to) => nameOf(to));
counted(promises, "rm", nameOf);

const load = Module._load;
Module._load = function (request, ...rest) {
  const loaded = load.call(this, request, ...rest);
  if (!request.endsWith("tfjs_binding.node")) return loaded;
  const executeOp = (name, ...args) => {
    if (happens(`op ${name}`)) end();
    return loaded.executeOp(name, ...args);
  };
  return Object.create(loaded, { executeOp: { value: executeOp } });
};

if (EVENTS) process.on("exit", () => fs.writeFileSync(EVENTS, JSON.stringify(events)));
