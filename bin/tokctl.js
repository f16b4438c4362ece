#!/usr/bin/env node
// ES5 only, so that old versions of Node can print the error below.
var oldest = [20, 19];

var words = process.argv.slice(2);
var running = process.versions.node.split(".");

if (running[0] > oldest[0] || (Number(running[0]) === oldest[0] && running[1] >= oldest[1]))
  run(words);
else refuse(words[0]);

function run(args) {
  var createNodeHost = require("../dist/node-host.cjs").createNodeHost;
  var main = load(args[0]).main;

  // All output is flushed by then; an open pipe on stdin must not keep the process running.
  main(args, createNodeHost(process)).then(process.exit);
}

/** Loads the bundle for a command; completion and the keychain process have small ones of their own. */
function load(word) {
  if (word === "__complete") return require("../dist/complete.cjs");
  if (word === "__keychain") return require("../dist/keychain-process.cjs");
  return require("../dist/main.cjs");
}

/** Exits with a usage error; prints nothing for TAB completion. */
function refuse(word) {
  var wanted = ["tokctl needs Node.js", oldest.join("."), "or later; this is"].join(" ");
  var message = [
    ["error[usage]:", wanted, running.join(".")].join(" "),
    ["hint: Install Node.js from https://nodejs.org or run: nvm install", oldest[0]].join(" "),
    "",
  ];
  process.exitCode = 2;
  if (word !== "__complete") process.stderr.write(message.join("\n"));
}
