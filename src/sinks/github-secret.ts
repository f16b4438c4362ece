import { UsageError } from "../errors.ts";
import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  findWithTool,
  parseToolJson,
  type StoreTool,
  splitTarget,
  type ToolContext,
} from "./store-tool.ts";
import {
  deliverWithRecord,
  formatRecord,
  parseRecord,
  type SeparateRecord,
} from "./token-record.ts";

const form = "github-secret:OWNER/REPO#NAME";

const gh: StoreTool = {
  program: "gh",
  homepage: "https://cli.github.com",
  fixes: [
    [/gh auth login|HTTP 401|authentication/i, "Sign in: gh auth login"],
    [
      /HTTP 403|HTTP 404|not accessible/i,
      "Check the repository, and that your GitHub token may write its secrets and variables. The token of a GitHub Actions job may not.",
    ],
    [/dial tcp|connect/i, "Check the connection to GitHub: gh auth status"],
  ],
};

/**
 * `github-secret:OWNER/REPO#NAME`: a GitHub Actions secret of a repository, through gh. The
 * repository variable `NAME_TOKCTL` records the token.
 */
export function parse(argument: string): RecordingSink {
  const { target: repository, key: name } = splitTarget(argument, form, {
    target: /^[\w.-]+\/[\w.-]+$/,
    key: /^[a-z_]\w*$/i,
  });
  if (/^GITHUB_/i.test(name))
    throw new UsageError("names of secrets must not begin with GITHUB_.", {
      hint: "Choose another name.",
    });
  return {
    recordedToken: (context) => openVariable(context, repository, `${name}_TOKCTL`).read(),
    async prepare(context) {
      const variable = openVariable(context, repository, `${name}_TOKCTL`);
      const path = `repos/${repository}/actions/secrets/public-key`;
      await callTool(context, gh, ["api", path, "--silent"]);
      await variable.read();
      return {
        deliver: (secret, record) =>
          deliverWithRecord(
            variable,
            record,
            async () => {
              const args = ["secret", "set", name, "--repo", repository];
              await callTool(context, gh, args, secret.reveal());
            },
            // A request without a response may have been applied.
            { isRestorable: false },
          ),
        discard: async () => {},
      };
    },
  };
}

/** @see https://docs.github.com/rest/actions/variables */
function openVariable(context: ToolContext, repository: string, name: string): SeparateRecord {
  const variables = `repos/${repository}/actions/variables`;
  const find = () => findWithTool(context, gh, /HTTP 404/, ["api", `${variables}/${name}`]);
  return {
    async read() {
      const text = await find();
      return text === undefined
        ? undefined
        : parseRecord(parseToolJson<{ value: string }>(gh, text).value);
    },
    async write(record) {
      const [method, path] = (await find())
        ? ["PATCH", `${variables}/${name}`]
        : ["POST", variables];
      const body = JSON.stringify({ name, value: record ? formatRecord(record) : "" });
      await callTool(
        context,
        gh,
        ["api", path, "--method", method, "--silent", "--input", "-"],
        body,
      );
    },
  };
}
