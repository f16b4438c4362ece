import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A run of the real program on a busy machine takes its time; nothing here measures it.
    testTimeout: 30_000,
    // One core would be left idle, half of what a small machine has.
    maxWorkers: "100%",
    // Loading the program anew for each file takes as long as most of them; worlds share nothing.
    isolate: false,
    // .ci/run reads the report.
    reporters: ["default", "json"],
    outputFile: { json: "test-report.json" },
  },
});
