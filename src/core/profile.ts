/** The profile settings of certificate files. */
export const certificateKeys = ["caFile", "certFile", "keyFile"] as const;

/** The settings of a profile. Other keys of its file are preserved. */
export const profileKeys = [
  "provider",
  "url",
  "endpoint",
  "region",
  "project",
  "namespace",
  "userHeader",
  "clientId",
  "oauthUrl",
  "allowHttp",
  ...certificateKeys,
] as const;
export type ProfileKey = (typeof profileKeys)[number];

/** The settings of a profile by key. */
export type ProfileSettings = Readonly<Partial<Record<ProfileKey, string>>>;

/** A named target: provider, base URL and account. */
export interface Profile extends ProfileSettings {
  readonly name: string;
  readonly provider: string;
}
