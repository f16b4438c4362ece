#!/usr/bin/env node
import { createNodeHost } from "../dist/node-host.js";

const args = process.argv.slice(2);
// On TAB a shell asks what can follow: nothing of the program is loaded for that.
const { main } =
  args[0] === "__complete" ? await import("../dist/complete.js") : await import("../dist/main.js");

// What was printed is handed over by then; a pipe on stdin that stays silent must not hold the process.
process.exit(await main(args, createNodeHost(process)));
