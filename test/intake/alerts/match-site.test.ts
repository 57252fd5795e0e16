import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { matchSite } from "../../../src/intake/alerts/match-site.ts";

const SITES = [
  { name: "shop", url: "https://shop.example.com/" },
  { name: "shop-admin", url: "https://shop.example.com/admin" },
  { name: "api", url: "https://api.example.com/v1" },
  { name: "internal", url: "http://10.0.0.5:8080/" },
  { name: "six", url: "https://[2001:db8::1]/" },
];

const MATCHES: readonly (readonly [string, readonly string[], string | undefined])[] = [
  ["a site's name", ["shop"], "shop"],
  ["the first candidate that fits", ["node", "api", "shop"], "api"],
  ["a URL on a site's host", ["https://shop.example.com/cart?id=1"], "shop"],
  ["a URL without the path of the only site there", ["https://api.example.com/health"], "api"],
  ["the longest path", ["https://shop.example.com/admin/users"], "shop-admin"],
  ["whole segments of a path", ["https://shop.example.com/administration"], "shop"],
  ["the other scheme's own port", ["http://shop.example.com/"], "shop"],
  ["another spelling of the host", ["https://SHOP.example.com./"], "shop"],
  ["a host", ["shop.example.com"], "shop"],
  ["a host and the site's port", ["shop.example.com:443"], "shop"],
  ["an address and the port it names", ["10.0.0.5:8080"], "internal"],
  ["an address of version 6", ["[2001:db8::1]:443"], "six"],
  ["a URL in a sentence", ["502 Bad Gateway at https://shop.example.com/cart, since 3:12"], "shop"],
  ["a host in a sentence", ["[DOWN] 'shop.example.com' answers 502"], "shop"],
  ["no site's name in a sentence", ["the shop is closed"], undefined],
  ["no sentence about two sites", ["shop.example.com and https://api.example.com/v1 are down"], undefined],
  ["no other port of the machine", ["shop.example.com:9100"], undefined],
  ["no port left out", ["10.0.0.5"], undefined],
  ["no part of a name", ["sho", "shop2", "notshop.example.com", "shop.example.com.evil.test"], undefined],
  ["no other spelling of a name", ["Shop", "shop."], undefined],
  [
    "no host within a path, a query or a user",
    ["https://evil.test/shop.example.com", "https://shop.example.com@evil.test/"],
    undefined,
  ],
  ["no other scheme", ["ftp://shop.example.com/", "javascript://shop.example.com/"], undefined],
  ["nothing at all", [], undefined],
];

for (const [title, candidates, site] of MATCHES) {
  test(`an alert's site is found by ${title}`, () => {
    assert.equal(matchSite({ candidates }, SITES), site);
  });
}

test("two sites that fit equally well are not guessed between", () => {
  const twins = [
    { name: "a", url: "https://shop.example.com/" },
    { name: "b", url: "http://shop.example.com/" },
  ];
  assert.equal(matchSite({ candidates: ["https://shop.example.com/"] }, twins), undefined);
});

test("only names of the config come out, whatever an alert says", () => {
  fc.assert(
    fc.property(fc.array(fc.oneof(fc.string(), fc.webUrl(), fc.domain()), { maxLength: 5 }), (candidates) => {
      const site = matchSite({ candidates }, SITES);
      assert.ok(site === undefined || SITES.some(({ name }) => name === site));
    }),
    { numRuns: 5000 },
  );
});
