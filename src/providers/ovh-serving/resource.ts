import { UsageError } from "../../errors.ts";

/** @throws UsageError unless it is a model's id, the beginning of one with a `*`, or `*`. */
export function checkResource(pattern: string | undefined): string {
  if (pattern === undefined)
    throw new UsageError("A token of OVHcloud ML Serving needs a resource.", {
      hint: "Add --resource with a model's id, the beginning of one such as 'iris*', or '*'.",
    });
  if (pattern.length > 50 || !/^([A-Za-z0-9.-]+\*?|\*)$/.test(pattern))
    throw new UsageError(`"${pattern}" is no resource of OVHcloud ML Serving.`, {
      hint: "It has up to 50 letters, digits, - and ., and may end with one *.",
    });
  return pattern;
}
