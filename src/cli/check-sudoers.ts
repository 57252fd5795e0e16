import { spawn } from "node:child_process";

/** What visudo says is wrong with the text; undefined when nothing is, or there is no visudo here. */
export function checkSudoers(text: string): Promise<string | undefined> {
  return new Promise((resolve) => {
    const child = spawn("visudo", ["-cf", "-"], {
      stdio: ["pipe", "pipe", "pipe"],
      env: { PATH: "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin", LC_ALL: "C" },
    });
    let said = "";
    const keep = (chunk: Buffer) => {
      said = `${said}${chunk}`.slice(0, 2000);
    };
    child.stdout.on("data", keep);
    child.stderr.on("data", keep);
    child.stdin.on("error", () => undefined);
    child.on("error", () => resolve(undefined));
    child.on("close", (exitCode) => resolve(exitCode === 0 ? undefined : said.trim()));
    child.stdin.end(text);
  });
}
