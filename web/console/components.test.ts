import { readdirSync, readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

const MOST = 120;
const BEGINS = /^(?:export )?(?:default )?(?:async )?(?:function (\w+)|const (\w+) = memo\(function)/;

// The linter's own count leaves lines of JSX out.
test(`no component or hook has more than ${MOST} lines`, () => {
  const long = readdirSync(import.meta.dirname, { recursive: true, encoding: 'utf8' })
    .filter((file) => /\.tsx?$/.test(file))
    .flatMap((file) => {
    let begun: { name: string; line: number } | undefined;
    return readFileSync(`${import.meta.dirname}/${file}`, 'utf8')
      .split('\n')
      .flatMap((text, line) => {
        const [, plain, memo] = BEGINS.exec(text) ?? [];
        const name = plain ?? memo;
        if (name !== undefined) begun = { name, line };
        if (begun === undefined || !/^\}\)?;?$/.test(text)) return [];
        const { name: of, line: from } = begun;
        begun = undefined;
        return line - from + 1 > MOST ? [`${file}: ${of} has ${line - from + 1} lines`] : [];
      });
  });
  expect(long).toEqual([]);
});
