import { defineConfig } from "vitest/config";
import { QuietReporter } from "./test/support/reporter.ts";

const all = "test/**/*.test.ts";
/** What `npm test` leaves to `npm run test:all`: see "Add a test" in CONTRIBUTING.md. */
const slow = ["test/{faults,fuzz,recovery}/**/*.test.ts", "test/**/*.slow.test.ts"];

/** Where .ci/run wants a report as JSON. */
const report = process.env["TOKCTL_TEST_REPORT"];

export default defineConfig({
  test: {
    // A run of the real program on a busy machine takes its time; nothing here measures it.
    testTimeout: 60_000,
    hookTimeout: 60_000,
    expect: { poll: { timeout: 30_000 } },
    // One core would be left idle, half of what a small machine has.
    maxWorkers: "100%",
    // Loading the program anew for each file takes as long as most of them; worlds share nothing.
    isolate: false,
    silent: "passed-only",
    reporters: [new QuietReporter(), ...(report ? ["json"] : [])],
    outputFile: { json: report ?? "" },
    projects: [
      { extends: true, test: { name: "fast", include: [all], exclude: slow } },
      { extends: true, test: { name: "slow", include: slow, testTimeout: 240_000 } },
    ],
  },
});
