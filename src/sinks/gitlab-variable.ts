import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  findWithTool,
  parseToolJson,
  type StoreTool,
  splitTarget,
  type ToolContext,
  ToolError,
} from "./store-tool.ts";
import {
  deliverWithRecord,
  formatRecord,
  parseRecord,
  type SeparateRecord,
} from "./token-record.ts";

const form = "gitlab-variable:PROJECT#NAME";

const glab: StoreTool = {
  program: "glab",
  homepage: "https://gitlab.com/gitlab-org/cli",
  fixes: [
    [/401|not authenticated|glab auth login/i, "Sign in: glab auth login"],
    [
      /403|404/,
      "Check the path of the project, and that you are at least a Maintainer of it. GITLAB_HOST selects a self-managed GitLab.",
    ],
    [
      /masked|is invalid/i,
      "GitLab can't mask this value. Create the variable without masking first.",
    ],
    [/dial tcp|connect/i, "Check the connection to GitLab: glab auth status"],
  ],
};

/** What GitLab reports for a variable that does not exist, unlike for a project. */
const missingVariable = /404 Variable Not Found/i;

/**
 * `gitlab-variable:PROJECT#NAME`: a CI/CD variable of a GitLab project, through glab. The variable
 * `NAME_TOKCTL` records the token.
 */
export function parse(argument: string): RecordingSink {
  const { target: project, key: name } = splitTarget(argument, form, {
    target: /^[\w.-]+(?:\/[\w.-]+)*$/,
    key: /^\w{1,240}$/,
  });
  return {
    recordedToken: (context) => openRecordVariable(context, project, name).read(),
    async prepare(context) {
      const variable = openRecordVariable(context, project, name);
      // Only those who may change variables may read one.
      await variable.read();
      return {
        deliver: (secret, record) =>
          deliverWithRecord(
            variable,
            record,
            () =>
              setVariable(context, project, name, secret.reveal(), {
                masked: true,
                raw: true,
              }),
            // A request without a response may have been applied.
            { isRestorable: false },
          ),
        discard: async () => {},
      };
    },
  };
}

const openRecordVariable = (
  context: ToolContext,
  project: string,
  name: string,
): SeparateRecord => ({
  async read() {
    const path = variablePath(project, `${name}_TOKCTL`);
    const text = await findWithTool(context, glab, missingVariable, ["api", path]);
    return text === undefined
      ? undefined
      : parseRecord(parseToolJson<{ value: string }>(glab, text).value);
  },
  write: (record) =>
    setVariable(context, project, `${name}_TOKCTL`, record ? formatRecord(record) : "", {
      masked: false,
      raw: true,
    }),
});

const variablePath = (project: string, ...names: readonly string[]): string =>
  ["projects", encodeURIComponent(project), "variables", ...names].join("/");

/**
 * Sets the value of a variable. Its other attributes are not changed, and `attributes` are those of a
 * new one.
 * @see https://docs.gitlab.com/api/project_level_variables/
 */
async function setVariable(
  context: ToolContext,
  project: string,
  key: string,
  value: string,
  attributes: Readonly<Record<string, boolean>>,
): Promise<void> {
  const send = (method: string, path: string, body: object) =>
    callTool(
      context,
      glab,
      [
        ...["api", path, "--method", method, "--header", "Content-Type: application/json"],
        ...["--silent", "--input", "-"],
      ],
      JSON.stringify(body),
    );
  try {
    await send("PUT", variablePath(project, key), { value });
  } catch (error) {
    if (!(error instanceof ToolError && missingVariable.test(error.output))) throw error;
    await send("POST", variablePath(project), { key, value, ...attributes });
  }
}
