#!/usr/bin/env node
import { createNodeHost } from "../dist/node-host.js";

const args = process.argv.slice(2);
const { main } = await load(args[0]);

// What was printed is handed over by then; a pipe on stdin that stays silent must not hold the process.
process.exit(await main(args, createNodeHost(process)));

/** What a shell asks on TAB, and what asks the keychain, load nothing of the program. */
function load(word) {
  if (word === "__complete") return import("../dist/complete.js");
  if (word === "__keychain") return import("../dist/keychain-process.js");
  return import("../dist/main.js");
}
