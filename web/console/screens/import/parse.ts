import type { ChatRole } from '../../graphql/types.generated.ts';

/** Why a line can't be imported; `value` is what stands there, `line` where it stood before. */
export type Fault =
  | { why: 'noId' | 'longId' | 'noName' | 'longName' | 'controlName' | 'quotes' }
  | { why: 'badId' | 'badRole' | 'tooManyColumns'; value: string }
  | { why: 'twice'; line: number };

/** A line of the file as far as it could be read. */
export interface Entry {
  /** Counted from 1, as editors and spreadsheets do. */
  line: number;
  id: string;
  name: string;
  /** Absent where the role is to be kept. */
  role?: ChatRole;
  fault?: Fault;
}

export type Unreadable = 'empty' | 'noColumns' | 'noSeparator' | 'notText' | 'tooMany';
export const MOST_LINES = 100_000;
/** Characters of an id or a name. */
export const LONGEST = 255;

const COLUMNS = ['id', 'name', 'role'] as const;
type Column = (typeof COLUMNS)[number];
const ROLES: readonly string[] = ['USER', 'MODERATOR', 'ADMIN'];

/**
 * Reads users from CSV: id, name and perhaps role, in any order where the first
 * line names them. Commas, semicolons and tabs all separate. The rules are the
 * server's, which still has the last word.
 */
export async function parseUsers(text: string): Promise<Entry[] | Unreadable> {
  if (text.includes('\0')) return 'notText';
  const rows = await rowsOf(text);
  if (rows === undefined) return 'tooMany';
  const [first] = rows;
  if (first === undefined) return 'empty';
  if (rows.every(({ cells }) => cells.length === 1)) return 'noSeparator';
  const named = first.cells.map((cell) => cell.trim().toLowerCase());
  const header = named.includes('id');
  if (header && !named.includes('name')) return 'noColumns';
  const places = header ? named : COLUMNS;
  const body = header ? rows.slice(1) : rows;
  if (body.length === 0) return 'empty';

  const seen = new Map<string, number>();
  return body.map((row) => {
    const cell = (column: Column) => (row.cells[places.indexOf(column)] ?? '').trim();
    const role = cell('role').toUpperCase();
    const entry: Entry = { line: row.line, id: cell('id'), name: cell('name') };
    const fault = faultOf(entry, role, row, places.length, seen.get(entry.id));
    if (!seen.has(entry.id)) seen.set(entry.id, row.line);
    return { ...entry, ...(ROLES.includes(role) && { role: role as ChatRole }), ...(fault !== undefined && { fault }) };
  });
}

function faultOf({ id, name }: Entry, role: string, { cells, torn }: Row, columns: number, before: number | undefined): Fault | undefined {
  if (torn) return { why: 'quotes' };
  if (id === '') return { why: 'noId' };
  if (id.length > LONGEST) return { why: 'longId' };
  if (!/^[A-Za-z0-9_\-@.]+$/.test(id)) return { why: 'badId', value: id };
  if (name === '') return { why: 'noName' };
  if ([...name].length > LONGEST) return { why: 'longName' };
  if (/\p{Cc}/u.test(name)) return { why: 'controlName' };
  if (role !== '' && !ROLES.includes(role)) return { why: 'badRole', value: role };
  const surplus = cells.slice(columns).find((cell) => cell.trim() !== '');
  if (surplus !== undefined) return { why: 'tooManyColumns', value: surplus };
  if (before !== undefined) return { why: 'twice', line: before };
  return undefined;
}

interface Row {
  line: number;
  cells: readonly string[];
  /** A quote was opened and never closed, or closed too soon. */
  torn: boolean;
}

/** The rows that are not empty, with the lines where they begin; undefined where they are too many. */
async function rowsOf(text: string): Promise<Row[] | undefined> {
  // A library, since quotes, separators and line ends come in many ways.
  const { default: papa } = await import('papaparse');
  const source = text.replace(/^\uFEFF/, '');
  const newline = /\r\n|\n|\r/.exec(source)?.[0] ?? '\n';
  const rows: Row[] = [];
  let line = 1;
  let from = 0;
  let tooMany = false;
  papa.parse<string[]>(source, {
    newline: newline as '\n',
    delimiter: separatorOf(source),
    step: ({ data, errors, meta }, parser) => {
      if (data.some((cell) => cell.trim() !== '')) rows.push({ line, cells: data, torn: errors.some(({ type }) => type === 'Quotes') });
      line += source.slice(from, meta.cursor).split(newline).length - 1;
      from = meta.cursor;
      tooMany = rows.length > MOST_LINES + 1;
      if (tooMany) parser.abort();
    },
  });
  return tooMany ? undefined : rows;
}

/** What stands most often in the first line, outside quotes. (The library's guess takes an empty last line for a column.) */
function separatorOf(source: string): string {
  const head = (/\S.*/.exec(source)?.[0] ?? '').replace(/"[^"]*"/g, '');
  const count = (separator: string) => head.split(separator).length;
  return [';', '\t'].reduce((most, each) => (count(each) > count(most) ? each : most), ',');
}

/** The text of a file as spreadsheets save it: UTF-8, UTF-16 with its mark, else the encoding of western Windows. */
export function decode(bytes: Uint8Array): string {
  if (bytes[0] === 0xff && bytes[1] === 0xfe) return new TextDecoder('utf-16le').decode(bytes);
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return new TextDecoder('utf-16be').decode(bytes);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    return new TextDecoder('windows-1252').decode(bytes);
  }
}
