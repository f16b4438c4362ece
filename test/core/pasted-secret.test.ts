import { describe, expect, test } from "vitest";
import { parsePastedSecret } from "../../src/core/pasted-secret.ts";

const base64 = "q1Vd/+8rXAbcdefghijklmnopqrstuvwxyz0123456789ABCDEFGHIJKLMNOP==";
const urlSafe = "-_Ab3dEf6hIj9lMn0pQr3tUv6xYz9bCdEf2hIj5lMn8";

describe.each([base64, urlSafe, "eyJhbGciOi.eyJzdWIiOi.c2lnbmF0dXJl"])(
  "the secret %s",
  (secret) => {
    test.each([
      secret,
      ` ${secret}\r\n`,
      `\ufeff${secret}`,
      `\u00a0${secret}\u200b`,
      `"${secret}"`,
      `'${secret}'`,
      `\`${secret}\``,
      `\u201c${secret}\u201d`,
      `"${secret}",`,
      `${secret},`,
      `${secret};`,
      `TOKEN=${secret}`,
      `TOKEN="${secret}"`,
      `TOKEN = '${secret}'`,
      `export TOKCTL_APP_TOKEN=${secret}`,
      `export TOKEN="${secret}";`,
      `set TOKEN=${secret}`,
      `$env:TOKEN = "${secret}"`,
      `"token": "${secret}"`,
      `"token": "${secret}",`,
      `{"token": "${secret}"}`,
      `{"id": "1", "name": "ci", "token": "${secret}"}`,
      `{"value": "${secret}", "version": 1}`,
      `token: ${secret}`,
      `token: "${secret}"`,
      `Access token: ${secret}`,
      `Bearer ${secret}`,
      `Authorization: Bearer ${secret}`,
      `authorization:bearer ${secret}`,
      `-H "Authorization: Bearer ${secret}"`,
      `'Authorization: Bearer ${secret}'`,
      `# from the console\nTOKEN=${secret}\n`,
      `${secret.slice(0, 20)}\n${secret.slice(20)}`,
      `${secret.slice(0, 20)}\r\n${secret.slice(20)}\r\n`,
      `TOKEN="${secret.slice(0, 9)}\n  ${secret.slice(9)}"`,
    ])("is read from %j", (text) => {
      expect(parsePastedSecret(text)).toBe(secret);
    });

    test.each([
      `${secret}\n${secret}`,
      `a ${secret}`,
      `${secret} b`,
      `URL=https://example.com\nTOKEN=${secret}`,
      `{"a": "${secret}", "b": "${secret}"}`,
      `{"token": 1}`,
      `["${secret}"]`,
      `${secret.slice(0, 9)}"${secret.slice(9)}`,
      `${secret}é`,
      "",
      '""',
      "TOKEN=",
    ])("can't be read from %j", (text) => {
      const parsed = parsePastedSecret(text);
      expect(parsed === undefined || parsed === "TOKEN=").toBe(true);
    });
  },
);
