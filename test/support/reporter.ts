import {
  DefaultReporter,
  type Reporter,
  type TestCase,
  type TestModule,
  type TestModuleState,
} from "vitest/node";

/** Prints failures, tests that were skipped because a tool is not installed, and totals. */
export class QuietReporter extends DefaultReporter implements Reporter {
  protected override printTestModule(module: TestModule): void {
    if (module.state() === "failed") super.printTestModule(module);
  }

  protected override printTestCase(state: TestModuleState, test: TestCase): void {
    if (test.result().state === "failed") super.printTestCase(state, test);
  }

  override onTestRunEnd(
    ...[modules, errors, reason]: Parameters<DefaultReporter["onTestRunEnd"]>
  ): void {
    super.onTestRunEnd(modules, errors, reason);
    const line = describeSkipped(modules);
    if (line !== undefined) this.log(line);
  }
}

/** Returns one line about the tests that `testWith` skipped. */
function describeSkipped(modules: readonly TestModule[]): string | undefined {
  const files = new Map<string, Set<string>>();
  let count = 0;
  for (const module of modules)
    for (const test of module.children.allTests("skipped")) {
      const { note } = test.result() as { readonly note?: string };
      if (note === undefined) continue;
      count++;
      files.set(note, (files.get(note) ?? new Set()).add(module.relativeModuleId));
    }
  if (count === 0) return undefined;
  const reasons = [...files].map(([note, names]) => `${note} (${[...names].join(", ")})`);
  return `Skipped ${count} ${count === 1 ? "test" : "tests"}: ${reasons.join("; ")}.`;
}
