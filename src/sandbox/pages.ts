import { createHash } from "node:crypto";
import type { Context } from "hono";
import { html, raw } from "hono/html";
import type { ContentfulStatusCode } from "hono/utils/http-status";

/** HTML with escaped interpolations. */
export type Html = ReturnType<typeof html>;

const pageStyle = `
body { font: 1rem/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 28rem; padding: 0 1rem; }
label { display: block; font-weight: 600; }
input { box-sizing: border-box; font: inherit; padding: 0.5rem; width: 100%; }
button { font: inherit; margin-right: 0.5rem; padding: 0.5rem 1rem; }
[role="alert"] { border-left: 0.25rem solid #b00020; padding-left: 0.75rem; }
`;

/**
 * Blocks scripts, frames and all external resources. Browsers apply `form-action` to redirects
 * after a form, so it allows the listener of a client on this machine.
 */
const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash("sha256").update(pageStyle).digest("base64")}'`,
  "form-action 'self' http://localhost:* http://127.0.0.1:*",
  "base-uri 'none'",
  "frame-ancestors 'none'",
].join("; ");

/** Responds with a page that can't be framed or cached. */
export function answerPage(
  c: Context,
  title: string,
  content: Html,
  status: ContentfulStatusCode = 200,
): Response | Promise<Response> {
  c.header("Cache-Control", "no-store");
  c.header("Content-Security-Policy", contentPolicy);
  c.header("Referrer-Policy", "no-referrer");
  c.header("X-Content-Type-Options", "nosniff");
  c.header("X-Frame-Options", "DENY");
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>${title} - tokctl sandbox</title>
<style>${raw(pageStyle)}</style>
</head>
<body>
<main>
<h1>${title}</h1>
${content}
</main>
</body>
</html>
`;
  return c.html(page, status);
}

/** Responds with a page that contains one sentence. */
export const answerMessage = (
  c: Context,
  title: string,
  message: string,
  status?: ContentfulStatusCode,
) => answerPage(c, title, html`<p role="status">${message}</p>`, status);
