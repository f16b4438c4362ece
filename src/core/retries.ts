/** How often a request that failed in passing is sent again, unless it is said. */
export const defaultRetries = 3;

/** A number of retries from 0 to 20; undefined for anything else. */
export const parseRetries = (text: string): number | undefined =>
  /^\d{1,2}$/.test(text) && Number(text) <= 20 ? Number(text) : undefined;
