/** Returns the text without the quotes around it, which Docker keeps in a value of `--env-file`. */
export const unquote = (text: string): string => /^(["'])(.*)\1$/s.exec(text)?.[2] ?? text;

/** Returns the environment with the quotes removed from values of tokctl's variables. */
export const unquoteVariables = (
  env: Readonly<Record<string, string | undefined>>,
): Readonly<Record<string, string | undefined>> =>
  Object.fromEntries(
    Object.entries(env).map(([name, value]) => [
      name,
      value !== undefined && name.startsWith("TOKCTL_") ? unquote(value) : value,
    ]),
  );
