import { describeProvider } from "../contract/provider.ts";

describeProvider({
  id: "osmo",
  role: "osmo-user",
  unsupported: [
    ["--label-selector", "group=A"],
    ["--resource", "iris*"],
  ],
});
