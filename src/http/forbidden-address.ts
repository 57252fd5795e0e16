import { BlockList, isIP } from "node:net";

/** Where clouds hand credentials to whoever asks from inside; no site lives there. */
const forbidden = new BlockList();
forbidden.addSubnet("169.254.0.0", 16); // link-local: 169.254.169.254 of most clouds, 169.254.170.2 of ECS
forbidden.addSubnet("fe80::", 10, "ipv6");
forbidden.addSubnet("fd00:ec2::", 32, "ipv6"); // AWS, IPv6
forbidden.addAddress("100.100.100.200"); // Alibaba
forbidden.addSubnet("64:ff9b::a9fe:0", 112, "ipv6"); // 169.254.0.0/16 through NAT64
forbidden.addSubnet("2002:a9fe::", 32, "ipv6"); // and through 6to4

/** Whether a name must not lead us to `address`; IPv4 within IPv6 (`::ffff:…`) is seen through. */
export function isForbiddenAddress(address: string): boolean {
  const [bare = address] = address.split("%", 1);
  return forbidden.check(bare, isIP(bare) === 6 ? "ipv6" : "ipv4");
}
