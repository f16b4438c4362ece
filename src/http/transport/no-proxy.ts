import { BlockList, isIP } from "node:net";

/**
 * Whether NO_PROXY names the address of a host: by itself, in brackets or bare, or by a range
 * (`10.0.0.0/8`, `fd00::/8`). Names of hosts are no concern of this.
 * @param hostname as a URL has it.
 */
export function isAddressExcepted(hostname: string, exceptions: string): boolean {
  const address = bare(hostname);
  const version = isIP(address);
  if (version === 0) return false;
  const type = version === 6 ? "ipv6" : "ipv4";
  return exceptions.split(/[\s,]+/).some((entry) => {
    const [first = "", bits, ...others] = entry.split("/");
    const network = bare(first);
    if (isIP(network) !== version || others.length > 0) return false;
    const length = bits === undefined ? (version === 6 ? 128 : 32) : Number(bits);
    if (bits !== undefined && (!/^\d{1,3}$/.test(bits) || length > (version === 6 ? 128 : 32)))
      return false;
    const list = new BlockList();
    list.addSubnet(network, length, type);
    return list.check(address, type);
  });
}

const bare = (address: string): string => address.replace(/^\[(.*)\]$/, "$1");
