// Loads tslab, and repairs in its text what no later code can reach. test/kernel.test.ts proves each repair.
const Module = require("node:module");
const { basename, dirname } = require("node:path");

const VERSION = "1.0.22";

const repairs = {
  // its message class is kept to itself
  "jupyter.js": (source) => `${source}\nexports.ZmqMessage = ZmqMessage;`,
  "converter.js": (source) =>
    source
      .replace(
        "function wrapPrevIdentifier(node) {",
        `$&
        const named = require(${JSON.stringify(__filename)}).keepNames({ ts, checker, declsFile, node, visit: wrapPrevIdentifier });
        if (named) return named;`,
      )
      // a cell is compiled in two steps, whose maps lead from an error back to its line
      .replace("declaration: true,", "declaration: true, sourceMap: true,")
      .replace("if (fileName === dstFilename) {", 'if (fileName === dstFilename + ".map") exports.maps = [data];\n$&')
      .replace(
        "let out = ts.transpileModule(js, {",
        "const { outputText: out, sourceMapText } = ts.transpileModule(js, {",
      )
      .replace("target,\n            newLine", "target,\n            sourceMap: true,\n            newLine")
      .replace("}).outputText;", "});\n    exports.maps = [sourceMapText, exports.maps?.at(-1)];"),
};

/**
 * tslab writes `exports.` before every name that an earlier cell declared. It forgets `{ name }`, which then is not
 * defined, and takes the key of `const { key: name } = earlier` for such a name. Returns such a node, repaired.
 */
function keepNames({ ts, checker, declsFile, node, visit }) {
  const { factory } = ts;
  const visited = (part) => part && visit(part);
  if (ts.isShorthandPropertyAssignment(node)) {
    const { name, objectAssignmentInitializer: preset } = node;
    const { declarations = [] } = checker.getShorthandAssignmentValueSymbol(ts.getOriginalNode(node)) ?? {};
    if (!declarations.some((declaration) => declaration.getSourceFile() === declsFile)) {
      return factory.updateShorthandPropertyAssignment(node, name, visited(preset));
    }
    const value = factory.createPropertyAccessExpression(factory.createIdentifier("exports"), name);
    return factory.createPropertyAssignment(name, preset ? factory.createAssignment(value, visit(preset)) : value);
  }
  if (ts.isBindingElement(node) && node.propertyName && ts.isIdentifier(node.propertyName)) {
    const { dotDotDotToken, propertyName, name, initializer } = node;
    return factory.updateBindingElement(node, dotDotDotToken, propertyName, visit(name), visited(initializer));
  }
  if (ts.isPropertyAssignment(node) && ts.isIdentifier(node.name)) {
    return factory.updatePropertyAssignment(node, node.name, visit(node.initializer));
  }
}

/** tslab's modules, repaired; ends the process where tslab is missing, or is not the version that was repaired. */
function loadTslab() {
  const { version } = installed();
  if (version !== VERSION) exit(`it repairs tslab ${VERSION}, but ${version} is installed`);
  const folder = dirname(require.resolve("tslab/dist/jupyter.js"));
  const compile = Module.prototype._compile;
  Module.prototype._compile = function (source, filename, ...rest) {
    const repair = dirname(filename) === folder ? repairs[basename(filename)] : undefined;
    return compile.call(this, repair ? repair(source) : source, filename, ...rest);
  };
  const jupyter = require("tslab/dist/jupyter.js");
  Module.prototype._compile = compile;
  const converter = require("tslab/dist/converter.js");
  const { createExecutor } = require("tslab/dist/executor.js");
  return { jupyter, converter, createExecutor, versions: require("tslab").versions };
}

function installed() {
  try {
    return require("tslab/package.json");
  } catch {
    return exit("tslab is not installed");
  }
}

function exit(reason) {
  process.stderr.write(`The TypeScript kernel cannot start: ${reason}. Run \`node scripts/setup.mjs\`.\n`);
  process.exit(1);
}

module.exports = { keepNames, loadTslab };
