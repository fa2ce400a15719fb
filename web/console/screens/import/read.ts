import { CombinedGraphQLErrors } from '@apollo/client';

import { session } from '../../auth/session.ts';
import { connection } from '../../graphql/connection.ts';
import { tokenRefused } from '../../graphql/client.ts';
import type { ChatRole } from '../../graphql/types.generated.ts';

/** Why a row can't be imported: a word that stays, and what it speaks of. */
export interface Fault {
  reason: string;
  message: string;
  line?: number;
  column?: number;
  value?: string;
  other?: number;
  limit?: number;
}

export type Effect = 'new' | 'renamed' | 'role' | 'unchanged' | 'fault';

/** A row of a list beside the user that it is about. */
export interface Step {
  line: number;
  id: string;
  name: string;
  /** Absent where the role is to be kept. */
  role?: ChatRole;
  before?: { name: string | null; role: ChatRole };
  /** A user may be renamed and get a role at once. */
  effects: readonly Effect[];
  fault?: Fault;
}

/** What the server found in a list. */
export interface List {
  encoding: string;
  /** The encoding may be another one: somebody must look at the names. */
  guessed: boolean;
  example?: { line: number; name: string };
  /** The first line names no columns. */
  headless: boolean;
  /** The encodings that can be asked for. */
  encodings: readonly string[];
  steps: readonly Step[];
}

/** A list that can't be read as a whole. */
export class ListRefused extends Error {
  override name = 'ListRefused';

  constructor(readonly fault: Fault) {
    super(fault.message);
  }
}

type Answer = { errors: [{ message: string; extensions: { code: string } & Partial<Fault> }] };
type Line = Partial<Answer> & Omit<Step, 'effects'> & { effects?: readonly string[] };

/** Has the server read a list and say what it would change, a line for each row as they are compared. */
export async function readList(list: Blob, encoding: string | undefined, progress: (done: number, total: number) => void, signal: AbortSignal): Promise<List> {
  const token = await session.fresh();
  const query = encoding === undefined ? '' : `?encoding=${encodeURIComponent(encoding)}`;
  let response: Response;
  try {
    response = await fetch(`/users/preview${query}`, { method: 'POST', body: list, headers: { Authorization: `Bearer ${token ?? ''}` }, signal });
  } catch (error) {
    if (!signal.aborted) connection.failed();
    throw error;
  }
  if (response.status === 401 && token !== null) void tokenRefused(token);
  if (!response.ok) throw refusal((await response.json()) as Answer);
  let head: (Omit<List, 'steps'> & { rows: number }) | undefined;
  const steps: Step[] = [];
  for await (const text of linesOf(response)) {
    const line = JSON.parse(text) as Line;
    if (line.errors !== undefined) throw refusal(line as Answer);
    if (head === undefined) head = line as unknown as typeof head;
    else steps.push({ ...line, effects: (line.effects ?? ['fault']).map((effect) => effect.toLowerCase() as Effect) });
    if (head !== undefined && steps.length % 1_000 === 0) progress(steps.length, head.rows);
  }
  if (head === undefined || steps.length < head.rows) throw new Error('the answer was cut off');
  return { ...head, steps };
}

function refusal({ errors }: Answer): Error {
  const { message, extensions } = errors[0];
  if (extensions.reason !== undefined) return new ListRefused({ ...extensions, reason: extensions.reason, message });
  return new CombinedGraphQLErrors({ errors });
}

async function* linesOf(response: Response): AsyncGenerator<string> {
  const reader = (response.body as ReadableStream<Uint8Array<ArrayBuffer>>).pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  for (let part = await reader.read(); !part.done; part = await reader.read()) {
    const lines = (rest + part.value).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest !== '') yield rest;
}
