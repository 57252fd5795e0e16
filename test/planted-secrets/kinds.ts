/** Numbers from 0 to below `below`, the same for the same seed. */
export type Random = (below: number) => number;

/** A text as it stands in logs and files, and the part of it that nobody may see. */
export interface Secretive {
  readonly text: string;
  readonly secret: string;
}

const DIGITS = "0123456789";
const HEX = `${DIGITS}abcdef`;
const LOWER = "abcdefghijklmnopqrstuvwxyz";
const ALPHANUMERIC = `${DIGITS}${LOWER}${LOWER.toUpperCase()}`;
/** Begins and ends every secret, so that one search of a whole file finds any of them. */
export const MARK = "5ec2e7";

export function createRandom(seed: number): Random {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

/** Put together here, so that no scanner takes this file for a leak. */
const join = (...parts: readonly string[]) => parts.join("");

function word(random: Random, length: number, alphabet = ALPHANUMERIC): string {
  const middle = Array.from({ length: length - 2 * MARK.length }, () => alphabet[random(alphabet.length)]);
  return `${MARK}${middle.join("")}${MARK}`;
}

const base64 = (text: string) => Buffer.from(text).toString("base64");
const base64url = (text: string) => Buffer.from(text).toString("base64url");

/** A kind whose secret is one word, put into `template` at `%s`. */
function within(template: string, length: number, alphabet?: string) {
  return (random: Random): Secretive => {
    const secret = word(random, length, alphabet);
    return { text: template.replace("%s", () => secret), secret };
  };
}

function keyBlock(begin: string, end: string) {
  return (random: Random): Secretive => {
    const secret = word(random, 64);
    return { text: `${begin}\n${word(random, 64)}\n${secret}\n${end}`, secret };
  };
}

/** Every class that redaction promises to know, as it is met in the field. */
export const KINDS: Readonly<Record<string, (random: Random) => Secretive>> = {
  "Authorization header": within("> Authorization: Bearer %s", 30),
  "Authorization header, any scheme": within("authorization: Token %s", 24),
  "Proxy-Authorization header": within("Proxy-Authorization: Custom %s", 24),
  "Cookie header": within("Cookie: theme=dark; sid=%s; lang=en", 26),
  "Set-Cookie header": within("< Set-Cookie: session=%s; Path=/; HttpOnly", 26),
  "X-Api-Key header": within("X-Api-Key: %s", 20),
  "X-Auth-Token header": within("X-Auth-Token: %s", 20),
  "X-Amz-Security-Token header": within("X-Amz-Security-Token: %s", 60),
  PHP_AUTH_PW: within("fastcgi_param PHP_AUTH_PW %s;", 16),
  "bearer alone": within("sent with bearer %s to the API", 32),
  "basic alone": (random) => {
    const secret = base64(`app:${word(random, 20)}`);
    return { text: `retrying with Basic ${secret} now`, secret };
  },
  "digest response": within('Digest username="app", realm="x", response="%s"', 32, HEX),
  "JSON web token": (random) => {
    const payload = base64url(`{"sub":"${word(random, 20)}"}`);
    return {
      text: join("got ", base64url('{"alg":"HS256"}'), ".", payload, ".", word(random, 43)),
      secret: payload,
    };
  },
  "private key": keyBlock(
    join("-----BEGIN RSA ", "PRIVATE KEY-----"),
    join("-----END RSA ", "PRIVATE KEY-----"),
  ),
  "private key without its beginning": (random) => {
    const secret = word(random, 64);
    return { text: `${word(random, 64)}\n${secret}\n${join("-----END EC ", "PRIVATE KEY-----")}`, secret };
  },
  "PuTTY key": keyBlock("Private-Lines: 2", "Private-MAC: 00"),
  "OpenSSH key": (random) => {
    const secret = word(random, 60);
    return { text: join("b3BlbnNzaC1rZXk", "tdjEAAAAA", secret), secret };
  },
  "AWS key id": (random) => {
    const secret = join("AKIA", word(random, 16, DIGITS).toUpperCase());
    return { text: `id ${secret} refused`, secret };
  },
  "AWS secret": within("aws_secret_access_key = %s", 40),
  "Google key": within(join("key ", "AI", "za%s refused"), 35),
  "Google token": within(join("ya29", ".%s"), 60),
  "Azure account key": within("DefaultEndpointsProtocol=https;AccountKey=%s==;EndpointSuffix=core", 86),
  "signed link": within("GET /backup?sv=2024&sig=%s&se=2027 HTTP/1.1", 44),
  "GCP service account": within(
    join('"private_key": "-----BEGIN ', "PRIVATE KEY-----\\n%s\\n-----END ", 'PRIVATE KEY-----\\n"'),
    64,
  ),
  "DigitalOcean token": within(join("dop", "_v1_%s"), 64, HEX),
  "Slack token": within(join("xox", "b-1234567890-%s"), 30),
  "Slack app token": within(join("xapp", "-1-A111-%s"), 40),
  "Slack webhook": within(join("https://hooks.slack", ".com/services/T000/B000/%s"), 24),
  "Discord token": (random) => {
    const secret = word(random, 38);
    return { text: join("M", "TIzNDU2Nzg5MDEyMzQ1Njc4", ".GabcDe.", secret), secret };
  },
  "Discord webhook": within(join("https://discord", ".com/api/webhooks/123456789012345678/%s"), 60),
  "GitHub token": within(join("gh", "p_%s"), 36),
  "GitHub fine-grained token": within(join("github", "_pat_%s"), 60),
  "GitLab token": within(join("glp", "at-%s"), 20),
  "npm token": within(join("np", "m_%s"), 36),
  "PyPI token": within(join("pyp", "i-%s"), 90),
  "model key": within(join("s", "k-proj-%s"), 40),
  "Stripe key": within(join("sk_", "live_%s"), 24),
  "SendGrid key": within(join("S", "G.%s"), 66),
  "Twilio key": (random) => {
    const secret = word(random, 32, HEX);
    return { text: `with ${join("S", "K", secret)} denied`, secret };
  },
  "Telegram token": within(join("bot123456789:", "AA%s"), 33),
  "password in a URL": within("dsn redis://app:%s@10.0.0.5:6379/0", 18),
  "key in a query": within("GET /v1?access_token=%s&page=2 HTTP/1.1", 24),
  "session in a query": within("GET /v1?session=%s HTTP/1.1", 24),
  ".env file": within("DB_PASSWORD=%s", 18),
  "INI file": within("mysqli.default_pw_password = %s", 18),
  "YAML file": within("  client_secret: %s", 18),
  "JSON document": within('{"db":{"password":"%s","host":"db1"}}', 18),
  "PHP define": within("define( 'AUTH_KEY', '%s' );", 24),
  "PHP array": within("'db_password' => '%s',", 18),
  fastcgi_param: within("fastcgi_param APP_SECRET %s;", 24),
  "systemd environment": within('Environment="APP_SECRET=%s" "PORT=8080"', 24),
  "environment of a container": within('{"name": "DB_PASSWORD", "value": "%s"}', 18),
  "XML attribute": within('<Parameter name="db.password" value="%s"/>', 18),
  "MySQL address": within("mysql://shop:%s@db.internal:3306/shop", 18),
  "MongoDB address": within("mongodb+srv://shop:%s@db.internal/shop", 18),
  "SQL user": within("CREATE USER app IDENTIFIED BY '%s'", 18),
  "SQL role": within("ALTER ROLE app PASSWORD '%s'", 18),
  "mysql argument": within("mysql -h db1 -uapp -p%s shop", 18),
  "long option": within("app --db-password=%s --port 80", 18),
  "long option and a blank": within("app --token %s --port 80", 18),
  "curl login": within("curl -s -u admin:%s http://127.0.0.1/", 18),
  "curl header": within("curl -H 'Authorization: Key %s' http://127.0.0.1/", 24),
  "password hash": within(join("root:$", "6$saltsalt$%s:19000:0:99999:7:::"), 86),
  "stack trace of PHP": within("#0 a.php(3): PDO->__construct('mysql:host=db', 'shop', '%s', Array)", 18),
  "list of header values": within('{"headers":{"cookie":["sid=%s"]},"x":["y"]}', 18),
  "list of headers": within("rawHeaders: [ 'Authorization', 'Token %s', 'Accept', '*/*' ]", 18),
  "variable of nginx": within('set $api_token "%s";', 18),
  "XML element": within("<wsse:Password>%s</wsse:Password>", 18),
  "user of HAProxy": within("user admin insecure-password %s", 18),
  "password that looks like a variable": within("DB_PASSWORD=$%s-x", 18),
  "mail address": within("mail to %s@example.com failed", 16),
  "random text beside a key word": within("loaded signing key %s from disk", 40),
};
