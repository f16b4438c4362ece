import { type Context, Hono } from "hono";
import { html } from "hono/html";
import type { Surroundings } from "../api.ts";
import { answerMessage, answerPage } from "../pages.ts";
import { signIn } from "./clients.ts";
import type { Devices } from "./devices.ts";
import { Forms } from "./forms.ts";
import type { Parameters } from "./parameters.ts";
import { signInForm } from "./sign-in-form.ts";

/** What the user typed so far, and what was wrong with it. */
interface Draft {
  readonly formToken: string;
  readonly userCode?: string | undefined;
  readonly username?: string | undefined;
  readonly problem?: string;
}

/** Where a user enters the code their device shows, and decides (RFC 8628 §3.3). */
export function devicePages(surroundings: Surroundings, devices: Devices): Hono {
  const forms = new Forms<"a device">(surroundings);
  const routes = new Hono();

  routes.get("/device/approve", (c) =>
    answerForm(c, { formToken: forms.open("a device"), userCode: c.req.query("user_code") }),
  );

  routes.post("/device/approve", async (c) => {
    const form = await forms.read(c.req);
    if (!form) {
      return answerMessage(c, "Form expired", "Open the page your device names once more.", 400);
    }
    const { token, fields } = form;
    const outcome = decide(devices, fields, surroundings.now().getTime());
    if (typeof outcome === "string") {
      const [userCode, username] = [fields.get("user_code"), fields.get("username")];
      return answerForm(c, { formToken: token, userCode, username, problem: outcome });
    }
    forms.close(token);
    return outcome.approved
      ? answerMessage(c, "Approved", "Your device has access now. You can close this page.")
      : answerMessage(c, "Denied", "Your device gets no access. You can close this page.");
  });

  return routes;
}

/** Records the user's decision, or says what is wrong with the form. */
function decide(
  devices: Devices,
  form: Parameters,
  signedInAt: number,
): { readonly approved: boolean } | string {
  const device = devices.withUserCode(form.get("user_code") ?? "");
  if (!device) return "No device waits with this code: it may be mistyped, or have expired.";
  if (form.get("decision") === "deny") {
    device.decision = "denied";
    return { approved: false };
  }
  const user = signIn(device.client, form.get("username") ?? "", form.get("password") ?? "");
  if (!user) return "The user name or the password is wrong.";
  device.decision = { subject: user.name, signedInAt };
  return { approved: true };
}

function answerForm(c: Context, { userCode, problem, ...rest }: Draft) {
  const fields = html`<p>
<label for="user_code">Code</label>
<input id="user_code" name="user_code" value="${userCode ?? ""}" autocomplete="off" autocapitalize="characters" spellcheck="false" required>
</p>`;
  const form = signInForm({ action: "/auth/oauth2/device/approve", fields, problem, ...rest });
  const advice = html`<p>Approve a code only if your own device shows it to you right now.</p>`;
  const content = html`${advice}
${form}`;
  return answerPage(c, "Connect a device", content, problem === undefined ? 200 : 403);
}
