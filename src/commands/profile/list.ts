import { action, type Define, type Example } from "../../cli/command.ts";
import { CliError } from "../../errors.ts";
import { countNotes, type Field, show, type View } from "../../output/view.ts";
import { overrideNotes } from "../shared/override-notes.ts";

interface ProfileRow {
  readonly name: string;
  readonly current: boolean;
  readonly provider: string | null;
  readonly url: string | null;
  readonly credential: boolean;
  /** The error message of a broken profile; null for a valid one. */
  readonly broken: string | null;
}

const fields: readonly Field<ProfileRow>[] = [
  { key: "PROFILE", value: ({ name }: ProfileRow) => name, kind: "id" },
  { key: "CURRENT", value: ({ current }: ProfileRow) => (current ? "yes" : "") },
  { key: "PROVIDER", value: ({ provider }: ProfileRow) => provider },
  { key: "URL", value: ({ url }: ProfileRow) => url, kind: "url" },
  {
    key: "CREDENTIAL",
    value: ({ credential, broken }: ProfileRow) =>
      broken === null ? (credential ? "saved" : "") : "broken",
  },
];

const rowsView: View<ProfileRow> = {
  text: { kind: "table", columns: fields },
  description: {
    kind: "blocks",
    fields: [
      { key: "Profile", value: ({ name }) => name },
      { key: "Current", value: ({ current }) => (current ? "yes" : "no") },
      { key: "Provider", value: ({ provider }) => provider },
      { key: "URL", value: ({ url }) => url },
      { key: "Credential", value: ({ credential }) => (credential ? "saved" : "none") },
      { key: "Broken", value: ({ broken }) => broken },
    ],
  },
  quietValue: ({ name }) => name,
};

export const examples: readonly Example[] = [
  { line: "tokctl profile list", title: "List profiles and mark the current one" },
];

export const define: Define = (command, invocation) =>
  command.action(
    action(invocation, async ({ profiles, credentials, host: { env } }) => {
      const current = attempt(() => profiles.current());
      const name = current.value ?? "NAME";
      const overridden = (current.value && profiles.findValid(current.value)) || { name };
      const rows = profiles.names().map((name): ProfileRow => {
        const profile = attempt(() => profiles.find(name));
        const { value } = profile;
        return {
          name,
          current: name === current.value,
          provider: value?.provider ?? null,
          url: value?.url ?? value?.region ?? null,
          credential: credentials.has(name),
          broken: profile.fault,
        };
      });
      // A killed process or a deleted profile file can leave a credential without a profile.
      const orphans = credentials.names().filter((name) => !rows.some((row) => row.name === name));
      for (const name of orphans)
        rows.push({
          name,
          current: false,
          provider: null,
          url: null,
          credential: true,
          broken: `Credential "${name}" has no profile. To delete it, run: tokctl logout -p ${name}`,
        });
      const faults = [current.fault, ...rows.map(({ broken }) => broken)];
      return show(rows, rowsView, {
        notes: [
          ...faults.flatMap((text) => (text === null ? [] : [{ text, always: true }])),
          ...countNotes({ shown: rows.length, of: rows.length }, "profile"),
          ...(rows.length === 0 ? [] : overrideNotes(env, overridden)),
        ],
      });
    }),
  );

/** Reads one file; a broken one must not hide the others. */
function attempt<T>(read: () => T): { readonly value?: T; readonly fault: string | null } {
  try {
    return { value: read(), fault: null };
  } catch (error) {
    if (error instanceof CliError) return { fault: error.message };
    throw error;
  }
}
