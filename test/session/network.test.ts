import { expect, test } from "vitest";
import { findBundles } from "../../src/session/network.ts";

const openssl = { NODE_OPTIONS: "--no-warnings --use-openssl-ca" };
const system = expect.arrayContaining(["/etc/ssl/certs/ca-certificates.crt"]);

test.each<[Record<string, string>, boolean, unknown]>([
  [{}, false, []],
  [{}, true, []],
  [{ SSL_CERT_FILE: "/s" }, false, ["/s"]],
  [{ SSL_CERT_FILE: "/s" }, true, ["/s"]],
  // Node reads these variables unless the CA certificates are set explicitly.
  [{ NODE_EXTRA_CA_CERTS: "/e" }, false, []],
  [{ NODE_EXTRA_CA_CERTS: "/e" }, true, ["/e"]],
  [{ NODE_EXTRA_CA_CERTS: "/e", SSL_CERT_FILE: "/e" }, false, []],
  [{ NODE_EXTRA_CA_CERTS: "/e", SSL_CERT_FILE: "/e" }, true, ["/e"]],
  [{ NODE_EXTRA_CA_CERTS: "/e", SSL_CERT_FILE: "/s" }, true, ["/e", "/s"]],
  [openssl, false, []],
  [openssl, true, system],
  [{ ...openssl, SSL_CERT_FILE: "/s" }, true, ["/s"]],
  [{ NODE_OPTIONS: "--use-openssl-cache" }, true, []],
])("environment %j, --ca-file given: %j: reads %j", (env, hasAuthorities, expected) => {
  expect(findBundles(env, hasAuthorities)).toEqual(expected);
});
