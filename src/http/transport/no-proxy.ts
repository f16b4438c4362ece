import { BlockList, isIP } from "node:net";

/**
 * Returns whether NO_PROXY contains the IP address of a host, or a range with it (`10.0.0.0/8`,
 * `fd00::/8`). Host names are not compared: undici does that.
 * @param hostname the host name of a URL; IPv6 addresses have brackets.
 * @param noProxy the value of NO_PROXY.
 */
export function isAddressExcepted(hostname: string, noProxy: string): boolean {
  const address = withoutBrackets(hostname);
  const version = isIP(address);
  if (version === 0) return false;
  const [type, addressBits] = version === 6 ? (["ipv6", 128] as const) : (["ipv4", 32] as const);
  return noProxy.split(/[\s,]+/).some((entry) => {
    const [first = "", prefix = String(addressBits), ...others] = entry.split("/");
    const network = withoutBrackets(first);
    if (isIP(network) !== version || others.length > 0) return false;
    if (!/^\d{1,3}$/.test(prefix) || Number(prefix) > addressBits) return false;
    const range = new BlockList();
    range.addSubnet(network, Number(prefix), type);
    return range.check(address, type);
  });
}

const withoutBrackets = (address: string): string => address.replace(/^\[(.*)\]$/, "$1");
