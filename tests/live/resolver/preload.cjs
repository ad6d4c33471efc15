// Required by a process under test: names of `.test` mean what a file says at the moment.
// The file is a table of addresses; whatever it does not name is left to the system.
"use strict";

const dns = require("node:dns");
const fs = require("node:fs");
const { syncBuiltinESMExports } = require("node:module");

const askSystem = dns.lookup;
const promiseOfSystem = dns.promises.lookup;

const meaning = (name) => {
  const table = JSON.parse(fs.readFileSync(process.env.NAMES, "utf8"));
  return Object.hasOwn(table, name) ? table[name] : name;
};

dns.lookup = (name, ...rest) => askSystem(meaning(name), ...rest);
dns.promises.lookup = (name, ...rest) => promiseOfSystem(meaning(name), ...rest);
// Whoever imports the functions by name gets these, too.
syncBuiltinESMExports();
