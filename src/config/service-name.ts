/** A name of a container, an app or a program: nothing that a shell or sudo would read as more. */
export function isServiceName(name: string): boolean {
  return /^[a-zA-Z0-9][a-zA-Z0-9_.-]{0,127}$/.test(name);
}

/** To PM2 `all` is every app, a number whichever app has it for an id, and `x.json` a file of apps. Source: PM2 lib/API.js, `restart`. */
export function isPm2App(name: string): boolean {
  const isFile = [".json", ".yml", ".yaml", ".config."].some((mark) => name.includes(mark));
  return isServiceName(name) && name !== "all" && Number.isNaN(Number(name)) && !isFile;
}

/** To supervisord `all` is every program, and `group:*` all of a group. Source: supervisor supervisorctl.py, `do_restart`. */
export function isSupervisorProgram(name: string): boolean {
  return isServiceName(name) && name !== "all";
}
