import type { LabCase } from "../lab-case.ts";

/** The application runs and says that something behind it does not. Restarting the application cannot help. */
export const dependencyCases: readonly LabCase[] = [
  {
    name: "healthy--nginx-fpm-mariadb",
    stack: "nginx-fpm-mariadb",
    truth: { status: [200], causes: [], outcomes: ["healthy"], restartHelps: ["no"] },
    fault: async () => undefined,
  },
  {
    name: "backend-dependency-down--nginx-fpm-mariadb--stopped",
    stack: "nginx-fpm-mariadb",
    truth: {
      status: [503],
      causes: ["backend-dependency-down"],
      hops: ["upstream->dependency"],
      restartHelps: ["no"],
    },
    fault: (lab) => lab.on("web-1", "systemctl stop mariadb"),
  },
  {
    name: "backend-dependency-down--nginx-fpm-mariadb--too-many-connections",
    stack: "nginx-fpm-mariadb",
    truth: { status: [503], causes: ["backend-dependency-down"], restartHelps: ["no", "briefly"] },
    // one more until the application is refused: on a slow machine they take a while to get in
    fault: (lab) =>
      lab.on(
        "web-1",
        `mysql -e 'SET GLOBAL max_connections = 10'
for n in $(seq 60); do
  setsid mysql -h 127.0.0.1 -u shop -pshop -e 'SELECT SLEEP(120)' >/dev/null 2>&1 </dev/null &
  sleep 0.2
  mysql -h 127.0.0.1 -u shop -pshop -e 'SELECT 1' 2>&1 | grep -q 'ERROR 1040' && exit 0
done
exit 1`,
      ),
  },
  {
    // The workers hang in the database: what the proxy sees is slowness.
    name: "backend-dependency-down--nginx-fpm-mariadb--hung",
    stack: "nginx-fpm-mariadb",
    requests: 1,
    truth: {
      status: [504],
      causes: ["backend-dependency-down", "upstream-too-slow"],
      restartHelps: ["no", "briefly"],
    },
    fault: (lab) => lab.on("web-1", "systemctl kill -s STOP mariadb"),
  },
  {
    name: "backend-dependency-down--nginx-gunicorn-postgres--stopped",
    stack: "nginx-gunicorn-postgres",
    truth: { status: [503], causes: ["backend-dependency-down"], restartHelps: ["no"] },
    // postgresql.service is a wrapper that is stopped before the server is.
    fault: (lab) => lab.on("web-1", "systemctl stop postgresql 'postgresql@*'"),
  },
  {
    name: "backend-dependency-down--nginx-node-redis--stopped",
    stack: "nginx-node-redis",
    truth: { status: [503], causes: ["backend-dependency-down"], restartHelps: ["no"] },
    fault: (lab) => lab.on("web-1", "systemctl stop redis-server"),
  },
];
