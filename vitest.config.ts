import { defineConfig } from "vitest/config";

export default defineConfig({
  test: {
    include: ["test/**/*.test.ts"],
    // A run of the real program on a busy machine takes its time; nothing here measures it.
    testTimeout: 30_000,
    // .ci/run reads the report.
    reporters: ["default", "json"],
    outputFile: { json: "test-report.json" },
  },
});
