import { maskSecretLike, maskSecrets } from "../core/secret.ts";
import { CliError } from "../errors.ts";
import type { OutputStream } from "../host.ts";

/** Returns a stderr that masks secrets and ignores write errors, which must not stop a command. */
export const createSafeStderr = (
  stderr: OutputStream,
  misplacedSecrets: readonly string[],
): OutputStream => ({
  get isTTY() {
    return stderr.isTTY;
  },
  get columns() {
    return stderr.columns;
  },
  write: (text) =>
    stderr.write(maskSecretLike(maskSecrets(text), misplacedSecrets)).catch(() => {}),
});

/** Masks secrets that were passed in a wrong argument, and adds a hint to renew or revoke them. */
export function maskMisplacedSecrets(
  error: CliError,
  misplacedSecrets: readonly string[],
): CliError {
  const { code, message, failures, hint, requestId } = error;
  const lines = [message, ...failures, ...[hint].flat()];
  const masked = lines.map((line) => maskSecretLike(line, misplacedSecrets));
  const isMasked = masked.some((line, i) => line !== lines[i]);
  // Also for errors that don't quote the secret: it is in the shell's history.
  if (!isMasked && (misplacedSecrets.length === 0 || !["usage", "not_found"].includes(code)))
    return error;
  const [maskedMessage = "", ...others] = masked;
  return new CliError(code, maskedMessage, {
    failures: others.slice(0, failures.length),
    hint: [
      ...others.slice(failures.length),
      "An argument looks like a secret and is masked. If it is one, renew or revoke it: it may be in your shell history.",
    ],
    requestId,
    cause: error,
  });
}
