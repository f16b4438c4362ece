import { expect, test } from "vitest";
import { isLoopback } from "../../src/core/url.ts";

test.each([
  ["http://localhost", true],
  ["http://LOCALHOST.:80", true],
  ["http://a.b.localhost", true],
  ["http://a.localhost.", true],
  ["http://127.0.0.1", true],
  ["http://127.255.1.2", true],
  ["http://127.1", true],
  ["http://[::1]", true],
  ["http://[::ffff:127.0.0.1]", true],
  ["http://[::ffff:127.3.2.1]", true],
  ["http://[::ffff:128.0.0.1]", false],
  ["http://[::ffff:10.0.0.1]", false],
  ["http://[::7f00:1]", false],
  ["http://[::2]", false],
  ["http://128.0.0.1", false],
  ["http://0.0.0.0", false],
  ["http://localhost.example.com", false],
  ["http://notlocalhost", false],
  ["http://127.0.0.1.example.com", false],
])("%s is a loopback address: %s", (url, expected) => {
  expect(isLoopback(new URL(url).hostname)).toBe(expected);
});
