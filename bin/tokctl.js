#!/usr/bin/env node
import { main } from "../dist/main.js";
import { createNodeHost } from "../dist/node-host.js";

// What was printed is handed over by then; a pipe on stdin that stays silent must not hold the process.
process.exit(await main(process.argv.slice(2), createNodeHost(process)));
