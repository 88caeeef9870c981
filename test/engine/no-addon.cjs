// Preloaded by `node --require`: tfjs-node-gpu is there, but TensorFlow's C library behind its addon is not.
const Module = require("node:module");

const load = Module._load;
Module._load = (request, ...rest) => {
  if (request !== "@tensorflow/tfjs-node-gpu") return load(request, ...rest);
  throw new Error("libtensorflow_cc.so.2: cannot open shared object file\nRequire stack:\n- engine.js");
};
