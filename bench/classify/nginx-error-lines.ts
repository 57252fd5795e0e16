/** What an nginx error log of a bad hour looks like: mostly gateway errors, some harmless lines, some unknown ones. */
const MESSAGES = [
  ["error", "connect() failed (111: Connection refused) while connecting to upstream", 30],
  ["error", "upstream timed out (110: Connection timed out) while reading response header from upstream", 20],
  ["error", "upstream prematurely closed connection while reading response header from upstream", 12],
  ["error", "recv() failed (104: Connection reset by peer) while reading response header from upstream", 6],
  [
    "crit",
    "connect() to unix:/run/php/php8.2-fpm.sock failed (2: No such file or directory) while connecting to upstream",
    6,
  ],
  [
    "error",
    "connect() to unix:/run/php/php8.2-fpm.sock failed (11: Resource temporarily unavailable) while connecting to upstream",
    6,
  ],
  ["error", "no live upstreams while connecting to upstream", 5],
  ["error", "upstream sent too big header while reading response header from upstream", 3],
  [
    "error",
    "SSL_do_handshake() failed (SSL: error:0A00010B:SSL routines::wrong version number) while SSL handshaking to upstream",
    2,
  ],
  ["error", "api.internal could not be resolved (3: Host not found)", 2],
  [
    "error",
    'FastCGI sent in stderr: "PHP message: PHP Warning:  Undefined array key" while reading response header from upstream',
    3,
  ],
  ["error", 'open() "/srv/shop/favicon.ico" failed (2: No such file or directory)', 5],
] as const;

/** `count` lines of an nginx error log, the same ones each time. */
export function makeNginxErrorLog(count: number): string {
  const turn = MESSAGES.flatMap(([level, message, weight]) => Array(weight).fill({ level, message }));
  const lines: string[] = [];
  for (let n = 0; n < count; n++) {
    // A step that shares no factor with the number of turns visits all of them in a mixed order.
    const { level, message } = turn[(n * 37) % turn.length];
    const second = String(n % 60).padStart(2, "0");
    const client = `203.0.113.${n % 250}`;
    const request = `GET /product/${n % 997}?page=${n % 13} HTTP/1.1`;
    lines.push(
      `2026/11/20 03:12:${second} [${level}] 1234#1234: *${100_000 + n} ${message}, client: ${client}, server: shop.example.com, request: "${request}", upstream: "http://127.0.0.1:3000/product/${n % 997}?page=${n % 13}", host: "shop.example.com", referrer: "https://shop.example.com/"`,
    );
  }
  return `${lines.join("\n")}\n`;
}
