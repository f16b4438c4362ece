#!/usr/bin/env node
import { main } from "../dist/main.js";
import { createNodeHost } from "../dist/node-host.js";

process.exitCode = await main(process.argv.slice(2), createNodeHost(process));
