#!/usr/bin/env node
const { createNodeHost } = require("../dist/node-host.cjs");

const args = process.argv.slice(2);
const { main } = load(args[0]);

// What was printed is handed over by then; a pipe on stdin that stays silent must not hold the process.
main(args, createNodeHost(process)).then((code) => process.exit(code));

/** What a shell asks on TAB, and what asks the keychain, load nothing of the program. */
function load(word) {
  if (word === "__complete") return require("../dist/complete.cjs");
  if (word === "__keychain") return require("../dist/keychain-process.cjs");
  return require("../dist/main.cjs");
}
