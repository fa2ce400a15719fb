import type { Server } from './server.ts';

const TYPES = ['Livestream', 'Messaging', 'Team', 'Gaming', 'Commerce'] as const;
const AT_ONCE = 16;
const PER_REQUEST = 20;

/** Makes channels `<word> 0`, `<word> 1`, … of all types. */
export async function makeMany(server: Server, word: string, count: number): Promise<void> {
  const starts = Array.from({ length: Math.ceil(count / PER_REQUEST) }, (_, index) => index * PER_REQUEST);
  const work = async () => {
    for (let start = starts.shift(); start !== undefined; start = starts.shift()) {
      const fields = Array.from({ length: Math.min(PER_REQUEST, count - start) }, (_, offset) => {
        const n = start + offset;
        return `c${n}: createOrUpdateChannel(input: {name: "${word} ${n}", id: "${word.toLowerCase()}-${n}", type: ${TYPES[n % TYPES.length]}})`;
      });
      await server.ask(`mutation { ${fields.join('\n')} }`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
}
