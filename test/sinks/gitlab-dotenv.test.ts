import { describe, expect, test } from "vitest";
import { setReportVariable } from "../../src/sinks/gitlab-dotenv.ts";

describe("a variable in a dotenv report", () => {
  test.each([
    { before: "", after: "KEY=a'b\"#=\n" },
    { before: "A=1\n", after: "A=1\nKEY=a'b\"#=\n" },
    { before: "A=1", after: "A=1\nKEY=a'b\"#=\n" },
    { before: "KEY=old\nA=1\n", after: "KEY=a'b\"#=\nA=1\n" },
    { before: "KEYS=1\r\nKEY=x\r\n", after: "KEYS=1\nKEY=a'b\"#=\n" },
  ])("is written without quotes: $before", ({ before, after }) => {
    expect(setReportVariable(before, "KEY", "a'b\"#=")).toBe(after);
  });

  test.each(["A=1\n\nB=2\n", "A=1\n# two\n", "A=1\nB\n"])(
    "is refused in a file with %s",
    (before) => {
      expect(() => setReportVariable(before, "KEY", "x")).toThrow("line 2");
    },
  );
});
