// The part of Markdown that people use in a chat, read into a tree. There is no
// HTML in it: what is not one of these marks is text. A parser for all of
// CommonMark would be ten times this page's own size, and let pictures load from
// anywhere.

export type Inline =
  | string
  | { kind: 'strong' | 'em' | 'del'; children: Inline[] }
  | { kind: 'code' | 'mention'; text: string }
  | { kind: 'link'; href: string; children: Inline[] };

export type Block =
  | { kind: 'paragraph' | 'heading' | 'quote'; lines: Inline[][] }
  | { kind: 'code'; text: string }
  | { kind: 'list'; start: number | undefined; items: Inline[][] };

const DEEPEST = 6;
const MARKS = [['**', 'strong'], ['__', 'strong'], ['~~', 'del'], ['*', 'em'], ['_', 'em']] as const;
const FENCE = /^ {0,3}```/;
const BULLET = /^ {0,3}[-*+] +(?=\S)/;
const NUMBER = /^ {0,3}(\d{1,9})[.)] +(?=\S)/;
const QUOTE = /^ {0,3}> ?/;
const HEADING = /^ {0,3}#{1,6} +(?=\S)/;
const WORD = /[\p{L}\p{N}]/u;
const ESCAPED = /[\\`*_~[\]()#>@+.!-]/;
const ADDRESS = /https?:\/\/[^\s<>"'`]+/y;
const LINK = /\[([^[\]\n]{1,500})\]\((https?:\/\/[^\s()<>]+(?:\([^\s()<>]*\)[^\s()<>]*)*)\)/y;

/** What a message says without its marks, for where they are not shown. */
export function plainOf(text: string): string {
  const of = (node: Inline): string => (typeof node === 'string' ? node : 'text' in node ? node.text : node.children.map(of).join(''));
  const lines = readMarkdown(text).flatMap((block) => (block.kind === 'code' ? [block.text] : (block.kind === 'list' ? block.items : block.lines).map((line) => line.map(of).join(''))));
  return lines.join('\n');
}

/** Reads a message. `labels` are the names after which an @ is a mention. */
export function readMarkdown(text: string, labels: readonly string[] = []): Block[] {
  const longestFirst = labels.filter((label) => label !== '').sort((a, b) => b.length - a.length);
  const inline = (line: string) => readInline(line, longestFirst);
  const lines = text.split(/\r\n|\r|\n/);
  const blocks: Block[] = [];
  for (let at = 0; at < lines.length; ) {
    const line = lines[at] ?? '';
    if (line.trim() === '') {
      at++;
    } else if (FENCE.test(line)) {
      const end = lines.findIndex((other, index) => index > at && FENCE.test(other));
      const last = end < 0 ? lines.length : end;
      blocks.push({ kind: 'code', text: lines.slice(at + 1, last).join('\n') });
      at = last + 1;
    } else if (HEADING.test(line)) {
      blocks.push({ kind: 'heading', lines: [inline(line.replace(HEADING, ''))] });
      at++;
    } else {
      const form = [BULLET, NUMBER, QUOTE].find((each) => each.test(line));
      const run = form === undefined ? paragraphFrom(lines, at) : runOf(lines, at, form);
      const bare = form === undefined ? run : run.map((each) => each.replace(form, ''));
      if (form === BULLET || form === NUMBER) {
        const start = NUMBER.exec(line)?.[1];
        blocks.push({ kind: 'list', start: start === undefined ? undefined : Number(start), items: bare.map(inline) });
      } else {
        blocks.push({ kind: form === QUOTE ? 'quote' : 'paragraph', lines: bare.map(inline) });
      }
      at += run.length;
    }
  }
  return blocks;
}

function runOf(lines: readonly string[], from: number, form: RegExp): string[] {
  let end = from;
  while (end < lines.length && form.test(lines[end] ?? '')) end++;
  return lines.slice(from, end);
}

function paragraphFrom(lines: readonly string[], from: number): string[] {
  let end = from + 1;
  while (end < lines.length && !startsAnew(lines[end] ?? '')) end++;
  return lines.slice(from, end);
}

function startsAnew(line: string): boolean {
  return line.trim() === '' || [FENCE, HEADING, BULLET, NUMBER, QUOTE].some((each) => each.test(line));
}

function readInline(text: string, labels: readonly string[], depth = 0): Inline[] {
  const out: Inline[] = [];
  let plain = '';
  const put = (node: Inline) => {
    if (plain !== '') out.push(plain);
    plain = '';
    out.push(node);
  };
  for (let at = 0; at < text.length; ) {
    const found = depth < DEEPEST ? markAt(text, at, labels, depth) : undefined;
    if (found !== undefined) {
      put(found.node);
      at = found.end;
    } else if (text[at] === '\\' && ESCAPED.test(text[at + 1] ?? '')) {
      plain += text[at + 1];
      at += 2;
    } else {
      plain += text[at];
      at++;
    }
  }
  if (plain !== '') out.push(plain);
  return out;
}

interface Found {
  node: Inline;
  end: number;
}

function markAt(text: string, at: number, labels: readonly string[], depth: number): Found | undefined {
  switch (text[at]) {
    case '`':
      return codeAt(text, at);
    case '[':
      return linkAt(text, at, labels, depth);
    case 'h':
      return addressAt(text, at);
    case '@':
      return mentionAt(text, at, labels);
    case '*':
    case '_':
    case '~':
      return emphasisAt(text, at, labels, depth);
  }
  return undefined;
}

function codeAt(text: string, at: number): Found | undefined {
  const end = text.indexOf('`', at + 1);
  return end <= at + 1 ? undefined : { node: { kind: 'code', text: text.slice(at + 1, end) }, end: end + 1 };
}

function linkAt(text: string, at: number, labels: readonly string[], depth: number): Found | undefined {
  LINK.lastIndex = at;
  const [whole, words, href] = LINK.exec(text) ?? [];
  if (whole === undefined || words === undefined || href === undefined || !URL.canParse(href)) return undefined;
  // A link in a link would be no HTML; DEEPEST keeps its words as they are, but for emphasis.
  const children = readInline(words, labels, depth + 1).map((node) => (isLink(node) ? node.href : node));
  return { node: { kind: 'link', href, children }, end: at + whole.length };
}

function isLink(node: Inline): node is Extract<Inline, { kind: 'link' }> {
  return typeof node !== 'string' && node.kind === 'link';
}

function addressAt(text: string, at: number): Found | undefined {
  if (WORD.test(text[at - 1] ?? '')) return undefined;
  ADDRESS.lastIndex = at;
  let href = ADDRESS.exec(text)?.[0];
  if (href === undefined) return undefined;
  href = href.replace(/[.,;:!?*_~\]]+$/, '');
  if (href.endsWith(')') && !href.includes('(')) href = href.slice(0, -1);
  return URL.canParse(href) ? { node: { kind: 'link', href, children: [href] }, end: at + href.length } : undefined;
}

function mentionAt(text: string, at: number, labels: readonly string[]): Found | undefined {
  const label = labels.find((each) => text.startsWith(each, at + 1) && !WORD.test(text[at + 1 + each.length] ?? ''));
  if (label === undefined) return undefined;
  return { node: { kind: 'mention', text: `@${label}` }, end: at + 1 + label.length };
}

function emphasisAt(text: string, at: number, labels: readonly string[], depth: number): Found | undefined {
  const [mark, kind] = MARKS.find(([each]) => text.startsWith(each, at)) ?? [];
  if (mark === undefined || kind === undefined) return undefined;
  const from = at + mark.length;
  if (/^\s?$/.test(text[from] ?? '')) return undefined;
  // snake_case is no emphasis.
  if (mark[0] === '_' && WORD.test(text[at - 1] ?? '')) return undefined;
  const end = text.indexOf(mark, from + 1);
  if (end < 0 || /\s/.test(text[end - 1] ?? '')) return undefined;
  if (mark[0] === '_' && WORD.test(text[end + mark.length] ?? '')) return undefined;
  return { node: { kind, children: readInline(text.slice(from, end), labels, depth + 1) }, end: end + mark.length };
}
