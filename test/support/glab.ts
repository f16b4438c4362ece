import type { Places } from "./places.ts";
import { installStub } from "./tool-stub.ts";

/** Installs a stub of glab for the project `group/app`, with the variables in its state. */
export const installGlab = (places: Places) =>
  installStub(places, "glab", (line, stdin, state) => {
    const [, path = ""] = /^api (\S+)/.exec(line) ?? [];
    const fail = (code: number, message: string) => ({
      code: 1,
      stdout: JSON.stringify({ message: `${code} ${message}` }),
      stderr: `glab: ${code} ${message} (HTTP ${code})\n`,
    });
    const [, project, name] = /^projects\/([^/]+)\/variables(?:\/(\w+))?$/.exec(path) ?? [];
    if (project !== "group%2Fapp") return fail(404, "Project Not Found");
    if (state["failing"] && name === state["failing"]) return fail(503, "Service Unavailable");
    if (line.includes("--method POST")) {
      const { key, value } = JSON.parse(stdin);
      state[key] = value;
      return { stdout: "{}" };
    }
    const value = name && state[name];
    if (!name || value === undefined) return fail(404, "Variable Not Found");
    if (line.includes("--method PUT")) state[name] = JSON.parse(stdin).value;
    return { stdout: JSON.stringify({ key: name, value }) };
  });
