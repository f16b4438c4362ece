#!/usr/bin/env node
// Every Node can read this file, however old it is: ES5 only.
var oldest = [20, 19];

var words = process.argv.slice(2);
var running = process.versions.node.split(".");

if (running[0] > oldest[0] || (Number(running[0]) === oldest[0] && running[1] >= oldest[1]))
  run(words);
else refuse(words[0]);

function run(args) {
  var createNodeHost = require("../dist/node-host.cjs").createNodeHost;
  var main = load(args[0]).main;

  // What was printed is handed over by then; a pipe on stdin that stays silent must not hold the process.
  main(args, createNodeHost(process)).then(process.exit);
}

/** What a shell asks on TAB, and what asks the keychain, load nothing of the program. */
function load(word) {
  if (word === "__complete") return require("../dist/complete.cjs");
  if (word === "__keychain") return require("../dist/keychain-process.cjs");
  return require("../dist/main.cjs");
}

/** Ends the process with an error, which nobody sees on TAB. */
function refuse(word) {
  var wanted = ["tokctl needs Node.js", oldest.join("."), "or later; this is"].join(" ");
  var message = [
    ["error[usage]:", wanted, running.join(".")].join(" "),
    ["Install a newer Node.js from https://nodejs.org, or with: nvm install", oldest[0]].join(" "),
    "",
  ];
  process.exitCode = 2;
  if (word !== "__complete") process.stderr.write(message.join("\n"));
}
