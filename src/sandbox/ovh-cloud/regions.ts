/** The regions that the AI products of a project run in. */
export const regions = ["GRA", "BHS"] as const;

/** What `…/ai/capabilities/region` says of them. */
export const regionCapabilities = regions.map((id) => {
  const host = `${id.toLowerCase()}.ai.cloud.ovh.net`;
  return {
    id,
    version: "1.0.0",
    cliInstallUrl: `https://cli.${host}/install.sh`,
    documentationUrl: "https://docs.ovh.com/gb/en/publiccloud/ai/",
    registryUrl: `https://registry.${host}`,
  };
});
