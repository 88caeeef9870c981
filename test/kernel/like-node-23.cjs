// What Node 23 took away, taken away from older ones too.
const util = require("node:util");
util.isArray = undefined;
util.isNullOrUndefined = undefined;
