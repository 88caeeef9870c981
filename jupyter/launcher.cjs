// The TypeScript kernel, started by kernels/tslab/kernel.json: tslab's compiler, executor and sockets with its message
// handling replaced, for stock tslab loses output, lets failed cells pass and cannot stop a running one.
// test/kernel.test.ts proves each repair, and that the stock kernel needs it.
const util = require("node:util");
const vm = require("node:vm");
const { excerpt, forgetFiles, locate, rememberCell } = require("./positions.cjs");
const { reloadLibrary } = require("./reload.cjs");
const { loadTslab } = require("./tslab.cjs");

// what lib/src/notebook.ts sees of the running cell
const CELL = Symbol.for("movie-revenue.cell");
// a cell that arrives this soon after a failure was sent together with the failed one ("Run All"), and is not run
const ABORT_MS = 200;
// an interrupt may overtake the cell that it was meant for: they come on different sockets
const OVERTAKE_MS = 500;

// tfjs-node 4 calls both; Node 23 removed them
util.isNullOrUndefined ??= (value) => value === null || value === undefined;
util.isArray ??= Array.isArray;

const { jupyter, converter, createExecutor, versions } = loadTslab();
const decoder = new TextDecoder();
let count = 0;
/** The cell that runs, or null between cells. */
let running = null;
/** What failed between two cells: a promise that an earlier one did not await. */
let stray = null;
let abortUntil = 0;
let libraryLoadedAt = Date.now();
let interruptUntil = 0;
let queue = Promise.resolve();

const compiler = converter.createConverter({ isJS: false, isBrowser: false });
const executor = createExecutor(
  process.cwd(),
  { node: compiler, browser: compiler, close: () => compiler.close() },
  // the executor gives its reasons only to a console: what was thrown as one argument, a type error as a format
  { log: console.log, error: (...said) => running?.failures.push(said.length === 1 ? said[0] : typeError(said)) },
);

class Server extends jupyter.ZmqServer {
  bindSocket(socket, port) {
    // zeromq 6 makes every 513th send wait, and the next one throws EBUSY and is lost, unless sends may not wait
    socket.sendTimeout = 0;
    socket.sendHighWaterMark = 0;
    return super.bindSocket(socket, port);
  }

  async handleShellMessage(socket, ...frames) {
    const request = jupyter.ZmqMessage.fromRaw(this.connInfo.key, frames);
    if (request.header.msg_type !== "execute_request") return this.answer(socket, request, () => this.respond(request));
    // stock tslab is "busy" for cells that wait and "idle" while the next one runs: here each is busy in its turn
    const arrived = Date.now();
    const work = () => (arrived < abortUntil ? { status: "aborted", execution_count: count } : this.execute(request));
    queue = queue.then(() => this.answer(socket, request, work));
  }

  async answer(socket, request, work) {
    this.publishStatus("busy", request);
    const reply = request.header.msg_type.replace("_request", "_reply");
    try {
      this.send(socket, request, reply, await work());
    } catch (thrown) {
      this.send(socket, request, reply, { status: "error", ...describe(thrown) });
    }
    this.publishStatus("idle", request);
    if (reply === "shutdown_reply") this.stop();
  }

  send(socket, request, type, content) {
    const message = request.createReply();
    message.header.msg_type = type;
    message.content = content;
    message.signAndSend(this.connInfo.key, socket);
  }

  respond({ header: { msg_type: type }, content }) {
    if (type === "kernel_info_request") return this.kernelInfo();
    if (type === "is_complete_request") return this.handler.handleIsComplete(content);
    if (type === "inspect_request") return this.handler.handleInspect(content);
    if (type === "complete_request") return this.handler.handleComplete(content);
    if (type === "comm_info_request") return { status: "ok", comms: {} };
    if (type === "shutdown_request") return { status: "ok", restart: content.restart };
    if (type === "interrupt_request") interrupt();
    return { status: "ok" };
  }

  kernelInfo() {
    const info = this.handler.handleKernel();
    info.language_info.version = versions.typescript;
    return { status: "ok", ...info };
  }

  /** Runs a cell as the protocol wants it: execute_input first, an error on iopub as well as in the reply. */
  async execute(request) {
    const { code, silent = false, stop_on_error: stopOnError = true } = request.content;
    const publish = (type, content) => this.send(this.iopub, request, type, content);
    if (!silent) publish("execute_input", { code, execution_count: ++count });
    const failure = await run(code, publish);
    if (!failure) return { status: "ok", execution_count: count, payload: [], user_expressions: {} };
    publish("error", failure);
    if (stopOnError) abortUntil = Date.now() + ABORT_MS;
    return { status: "error", execution_count: count, ...failure };
  }

  stop() {
    running?.controller.abort(interruption());
    this.close();
    // timers and sockets that a cell has left behind do not keep the kernel alive
    setTimeout(() => process.exit(0), 500).unref();
  }
}

/** Runs one cell; how it failed, as { ename, evalue, traceback }, or null. */
async function run(code, publish) {
  if (stray) {
    const { reason } = stray;
    stray = null;
    return describe(reason, "An earlier cell caused this outside what it awaited. This cell was not run.");
  }
  if (Date.now() < interruptUntil) {
    interruptUntil = 0;
    return describe(interruption());
  }
  const cell = startCell(code, publish);
  if (reloadLibrary(code, libraryLoadedAt)) {
    libraryLoadedAt = Date.now();
    forgetFiles();
    process.stdout.write("The library was compiled anew: this cell imports the new one.\n");
  }
  const passed = await executor.execute(code);
  await lastWords(cell);
  // Node reports the rejection of a promise that nobody awaited only after the microtasks
  await new Promise(setImmediate);
  running = null;
  // code that stops without a word when it is interrupted has not done what the cells below count on
  if (cell.interrupted) cell.failures.push(interruption());
  if (cell.failures.length === 0) return passed ? null : describe(new Error("tslab gave no reason."));
  const others = cell.failures.slice(1).filter(({ name }) => name === "TypeScriptError");
  return describe(cell.failures[0], ...others.flatMap(({ message, lines }) => [message, ...lines]));
}

/** What the cell still has to show, as the pictures of its figures, unless it is interrupted or has failed outside of it. */
async function lastWords({ pending, controller: { signal } }) {
  const aborted = new Promise((resolve) => signal.addEventListener("abort", resolve));
  if (!signal.aborted) await Promise.race([Promise.allSettled(pending), aborted]);
}

function startCell(code, publish) {
  const cell = {
    code,
    failures: [],
    interrupted: false,
    claimed: false,
    controller: new AbortController(),
    pending: [],
  };
  const write = (name) => (chunk, encoding, done) => {
    publish("stream", { name, text: typeof chunk === "string" ? chunk : decoder.decode(chunk) });
    (typeof encoding === "function" ? encoding : done)?.();
    return true;
  };
  const display = (content, update) => publish(update ? "update_display_data" : "display_data", content);
  process.stdout.write = write("stdout");
  process.stderr.write = write("stderr");
  jupyter.lastWriteDisplayData = display;
  globalThis[CELL] = {
    display,
    until: (work) => cell.pending.push(work),
    get signal() {
      cell.claimed = true;
      return cell.controller.signal;
    },
  };
  running = cell;
  return cell;
}

/** Asks the cell to stop. One that never took the signal, or is asked again, ends here, though its code may run on. */
function interrupt() {
  if (!running) {
    interruptUntil = Date.now() + OVERTAKE_MS;
    return;
  }
  const end = running.interrupted || !running.claimed;
  running.interrupted = true;
  running.controller.abort(interruption());
  if (!end) return;
  running.failures.push(interruption());
  executor.interrupt();
}

/** An error outside every awaited call fails the cell that runs, as it would end a script; if none does, the next. */
function fail(reason) {
  if (!running) {
    stray ??= { reason };
    return;
  }
  running.failures.push(reason);
  running.controller.abort(reason);
  executor.interrupt();
}

function interruption() {
  return Object.assign(new Error("The cell was interrupted."), { name: "Interrupted", exitCode: 130 });
}

/** Of a diagnostic that tslab prints as "%s%d:%d - %s": where it is, and what it says. */
function typeError(said) {
  const [, file, line] = said;
  const lines = file === "" ? excerpt(running.code, line) : [];
  return Object.assign(new Error(util.format(...said)), { name: "TypeScriptError", lines });
}

/** Anything thrown, in Jupyter's words. Errors with an exit code are for the user: their sentence says all. */
function describe(thrown, ...notes) {
  if (!(thrown instanceof Error)) {
    const text = typeof thrown === "string" ? thrown : util.inspect(thrown);
    return { ename: "Thrown", evalue: text, traceback: [text, ...notes] };
  }
  const said = typeof thrown.exitCode === "number" ? [] : thrown.lines;
  const traceback = said ? [thrown.message, ...said] : stackOf(thrown);
  return { ename: thrown.name, evalue: thrown.message, traceback: [...traceback, ...notes] };
}

/** Without the frames of Node and of the kernel, and with the lines of cells and sources for those of their JavaScript. */
function stackOf(error) {
  const foreign = /^\s+at .*(node:|node_modules.tslab|launcher\.cjs)/;
  return locate(
    util
      .inspect(error)
      .split("\n")
      .filter((line) => !foreign.test(line)),
  );
}

// under tslab's breakOnSigint, a SIGINT that a cell listens for kills the kernel before the cell's first await
const runInThisContext = vm.runInThisContext;
vm.runInThisContext = (code, options) => {
  if (options?.breakOnSigint) rememberCell(count, running.code, converter.maps);
  const cell = options?.breakOnSigint
    ? { breakOnSigint: false, displayErrors: false, filename: `cell [${count}]` }
    : {};
  return runInThisContext(code, typeof options === "object" ? { ...options, ...cell } : options);
};
process.on("SIGINT", interrupt);
process.on("uncaughtException", fail);
process.on("unhandledRejection", fail);

// a kernel whose JupyterLab or runner was killed would go on training for nobody
const parent = process.ppid;
setInterval(() => process.ppid !== parent && process.exit(1), 1000).unref();

new Server(new jupyter.JupyterHandlerImpl(executor, false), process.argv[2]).init();
