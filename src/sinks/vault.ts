import { UsageError } from "../errors.ts";
import type { RecordingSink } from "./sink.ts";
import {
  callTool,
  findWithTool,
  MissingToolError,
  parseToolJson,
  type StoreTool,
  splitTarget,
  type ToolContext,
  ToolError,
} from "./store-tool.ts";
import { formatRecord, parseRecord, type TokenRecord } from "./token-record.ts";

const form = "vault:MOUNT/PATH#KEY";

const toTool = (program: string, homepage: string): StoreTool => ({
  program,
  homepage,
  fixes: [
    [/missing client token|Code: 401|invalid token/i, `Sign in: ${program} login`],
    [
      /permission denied|Code: 403/i,
      `Sign in with ${program} login, or extend the policy of your token: it must allow read, create and patch of the path.`,
    ],
    [
      /connection refused|no such host|timeout|deadline|dial tcp|http response to https/i,
      `Check the address of the server and its state: ${program} status`,
    ],
    [/sealed/i, "Unseal the server."],
  ],
});

const vault = toTool("vault", "https://developer.hashicorp.com/vault/install");
const bao = toTool("bao", "https://openbao.org/docs/install/");

/** What the tools print if a secret, or the field of a secret, does not exist. */
const missingSecret = /No value found|no secret exists|Code: 404/i;
const missingField = /No value found|no secret exists|Code: 404|not present in secret/i;

/**
 * `vault:MOUNT/PATH#KEY`: a key of a secret in HashiCorp Vault or OpenBao (KV version 2), through vault or
 * bao. The key `KEY_tokctl` of the same secret, written in the same request, records the token.
 */
export function parse(argument: string): RecordingSink {
  const { target: path, key } = splitTarget(argument, form, {
    target: /^[\w.-]+(?:\/[\w.-]+)+$/,
    key: /^[\w.-]+$/,
  });
  const recordKey = `${key}_tokctl`;
  return {
    async recordedToken(context) {
      const tool = await findTool(context);
      const args = ["kv", "get", `-field=${recordKey}`, path];
      return parseRecord((await findWithTool(context, tool, missingField, args)) ?? "");
    },
    async prepare(context) {
      const tool = await findTool(context);
      await requireWritable(context, tool, path);
      const write = (secret: string, record: TokenRecord, args: readonly string[]) => {
        const values = [`${recordKey}=${formatRecord(record)}`, `${key}=-`];
        return callTool(context, tool, ["kv", ...args, path, ...values], secret);
      };
      return {
        async deliver(secret, record) {
          try {
            await write(secret.reveal(), record, ["patch"]);
          } catch (error) {
            if (!(error instanceof ToolError && missingSecret.test(error.output))) throw error;
            // Fails if another process has created the secret since.
            await write(secret.reveal(), record, ["put", "-cas=0"]);
          }
        },
        discard: async () => {},
      };
    },
  };
}

/** Returns the tool that is installed: vault, or else bao. @throws MissingToolError */
async function findTool(context: ToolContext): Promise<StoreTool> {
  for (const tool of [vault, bao])
    try {
      await callTool(context, tool, ["version"]);
      return tool;
    } catch (error) {
      if (!(error instanceof MissingToolError)) throw error;
    }
  throw new UsageError('command not found: neither "vault" nor "bao".', {
    hint: `Install one of them: ${vault.homepage} or ${bao.homepage}`,
  });
}

interface Mount {
  readonly data: {
    readonly path: string;
    readonly options: { readonly version?: string } | null;
  };
}

/**
 * Checks that the token may write a secret.
 * @throws UsageError if it may not, or if the path is not in a KV version 2 engine; ToolError
 * @see https://developer.hashicorp.com/vault/docs/commands/token/capabilities
 */
async function requireWritable(context: ToolContext, tool: StoreTool, path: string): Promise<void> {
  // The request that `vault kv` itself sends first.
  const info = await callTool(context, tool, [
    "read",
    "-format=json",
    `sys/internal/ui/mounts/${path}`,
  ]);
  const { path: mount, options } = parseToolJson<Mount>(tool, info).data;
  if (options?.version !== "2")
    throw new UsageError(`the secrets engine at ${mount} is not KV version 2.`, {
      hint: `Choose a path in a KV version 2 engine, or enable versions: ${tool.program} kv enable-versioning ${mount}`,
    });
  const dataPath = `${mount}data/${path.slice(mount.length)}`;
  const text = await callTool(context, tool, ["token", "capabilities", "-format=json", dataPath]);
  const capabilities = parseToolJson<readonly string[]>(tool, text);
  if (!capabilities.some((each) => ["root", "create", "update", "patch"].includes(each)))
    throw new UsageError(`your token may not write ${dataPath}: ${capabilities.join(", ")}.`, {
      hint: "Extend its policy with the capabilities read, create and patch for this path.",
    });
}
