import { findUrlSecrets } from "../../../src/collect/redact/urls.ts";
import { testFinder } from "./marked.ts";

testFinder(findUrlSecrets, [
  "postgres://app:«password:s3cr3t»@db.internal:5432/shop",
  "redis://:«password:p@ss»@10.0.0.5:6379/0",
  "a://b:«password:c:d»@e f://g:«password:h»@i",
  ..." \t\n\r/\"'<>`?#\\".split("").map((end) => `http://db:80${end}x@y`),
  "redis://:«password:päss»@h",
  "/x?key=«query:bär» y",
  "https://«token:abcdefghijklmnopqrst»@github.com/x",
  "https://abcdefghijklmnopqrs@github.com/x",
  "https://user@host/x:y@z",
  "https://user:@host/",
  "https://user:$PASSWORD@host/",
  `https://user:\${PASSWORD}@host/`,
  "https://user:«password:$ecret-1»@host/",
  "https://host:8080/",
  "https://@host/",
  "https://",
  ..."key sig signature code state session sessionid sid hmac jwt X-Amz-Signature X-Goog-Signature"
    .split(" ")
    .map((name) => `GET /x?a=1&${name}=«query:b.c/d=e:f»&g=1`),
  "/x?KEY=«query:a»#sid=«query:b» HTTP/1.1",
  ..." \t\n\r&#\"'<>`;,)}]\\".split("").map((end) => `/x?key=«query:a»${end}b`),
  "/x?key=",
  "/x?key=&b",
  "/x?key=$arg_key",
  "/x?key=«query:$a-b»&c=d",
  "/x?monkey=a key=b",
  "status=down;code=502;state=failed",
  "/x?keys=a",
  "/x?q=http://a&state=«query:b»",
]);
