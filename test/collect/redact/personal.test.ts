import { findPersonal } from "../../../src/collect/redact/personal.ts";
import { testFinder } from "./marked.ts";

const TIME = "[20/Nov/2026:03:12:01 +0000]";
const NOT_TOP =
  "service socket timer target slice scope mount automount path device swap conf sock log pid js ts mjs json";

testFinder(findPersonal, [
  // mail
  "to <«email:jane.doe+x_1%y-z»@Example.COM> failed",
  "«email:a»@b.org.",
  "«email:a»@x.y.io",
  "a@mail.example.org1",
  `${"x ".repeat(40)}«email:a»@b.org`,
  "«email:a»@b.org..",
  `«email:${"a".repeat(64)}»@b.org`,
  `${"a".repeat(65)}@b.org`,
  `«email:a»@b.${"o".repeat(24)}`,
  `a@b.${"o".repeat(25)}`,
  "a@b.o",
  "a@b.o1",
  "a@b",
  "a@.",
  "a@org.",
  " @b.org",
  "http://user@b.org/",
  "redis://x:pw@b.org/",
  ...NOT_TOP.split(" ").map((end) => `php@www.${end}`),
  "php@www.SERVICE",
  // clients by name
  "closed, client: 203.0.113.«ip:77», server: shop",
  "[client 203.0.113.«ip:77»:51111] AH01114",
  "rhost=203.0.113.«ip:77»",
  "client=203.0.113.«ip:7»",
  "remote_addr=203.0.113.«ip:7»",
  "client: 203.0.113.«ip:7», x client: 203.0.113.«ip:8»",
  "client: 2001:db8:1:«ip:2:3:4:5:6», server",
  "client: 3001:db8:1:«ip:2»",
  "client: 2001:db8::",
  "client: 2001:db8:1",
  "client: 2001:db8",
  "client: fe80::1:2:3:4",
  "client: ::ffff:203.0.113.7",
  "client: 2001:db8:1::203.0.113.7",
  `client: 2001:db8:1:«ip:${"0".repeat(49)}»1`,
  "client: 203.0.113.7.8",
  "client: 203.0.113",
  "client: 203.0.113.7777",
  "client: 203.0.a.7",
  "client: unix:",
  "client: ",
  "upstream: 203.0.113.7",
  // our own networks
  ..."10.1.2.3 127.0.0.1 0.0.0.0 172.16.1.1 172.31.1.1 192.168.1.1 169.254.1.1 100.64.1.1 100.127.1.1"
    .split(" ")
    .map((address) => `client: ${address}`),
  ..."9.1.1 11.1.1 126.1.1 128.1.1 1.1.1 172.15.1 172.32.1 173.16.1 171.20.1 192.167.1 192.169.1 193.168.1 169.253.1 170.254.1 100.63.1 100.128.1 101.64.1"
    .split(" ")
    .map((network) => `client: ${network}.«ip:5»`),
  // access logs
  `203.0.113.«ip:77» - - ${TIME} "GET / HTTP/1.1" 502`,
  `10.0.0.1 - - ${TIME} "GET /"\n203.0.113.«ip:77» - - ${TIME}`,
  `lb[812]: 9.0.113.«ip:77» ${TIME} fe`,
  `lb[812]: 203.0.113.«ip:77»:5 x]: y ${TIME} fe`,
  `lb[812]: 203.0.113.«ip:77»:5 ${TIME} fe`,
  `2001:db8:1:«ip::5» - - ${TIME}`,
  "203.0.113.77 - - [2026-11-20] x",
  "203.0.113.77 - - [20/Nov-2026] x",
  "203.0.113.77 - - [20-Nov/2026] x",
  `x 203.0.113.77 - - ${TIME}`,
  `x\n${TIME}`,
]);
