// Another program at the server's SQLite file, as a backup or a curious operator
// would be: the sqlite3 shell, or Python's, whichever this machine has.
import { spawn, spawnSync } from 'node:child_process';
import { createInterface } from 'node:readline';

const PYTHON = `
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
for statement in iter(sys.stdin.readline, ""):
    for row in db.execute(statement):
        print(row[0], flush=True)
`;

const has = (command) => spawnSync(command, ['--version']).status === 0;

const shell = has('sqlite3')
  ? (file) => ['sqlite3', ['-bail', file]]
  : has('python3')
    ? (file) => ['python3', ['-c', PYTHON, file]]
    : undefined;

/** Why there is no such program, for a test's skip; false where there is one. */
export const missing = shell ? false : 'left out: it needs the program sqlite3 or python3, to get at the database from outside';

/** Opens the file. run(sql) resolves once the statement, on one line, is carried out. */
export function openDatabase(file) {
  const [command, args] = shell(file);
  const child = spawn(command, args, { stdio: ['pipe', 'pipe', 'inherit'] });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  return {
    async run(sql) {
      child.stdin.write(`${sql};\nSELECT 'carried out';\n`);
      const { value } = await lines.next();
      if (value !== 'carried out') throw new Error(`${sql}: ${value}`);
    },
    async close() {
      child.stdin.end();
      await exited;
    },
  };
}
