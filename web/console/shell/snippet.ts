import { Kind, print, type DocumentNode } from 'graphql';

import { escaped } from '../i18n/visible.ts';

/** A document with its variables, as a screen sends them. */
export interface Operation {
  document: DocumentNode;
  variables?: object;
}

/** The name of a document's first operation. */
export function nameOf(document: DocumentNode): string {
  for (const definition of document.definitions) {
    if (definition.kind === Kind.OPERATION_DEFINITION) return definition.name?.value ?? definition.operation;
  }
  return '';
}

/** The document, with the variables as a comment that can be pasted beside it. */
export function asGraphQL({ document, variables }: Operation): string {
  const given = withoutGaps(variables);
  const text = printed(document);
  if (given === undefined) return text;
  const lines = escaped(JSON.stringify(given, null, 2)).split('\n');
  return [text, '', '# Variables:', ...lines.map((line) => `# ${line}`)].join('\n');
}

/** A line for a POSIX shell; the token comes from the environment. */
export function asCurl(operation: Operation, url: string): string {
  const body = escaped(JSON.stringify(bodyOf(operation)));
  return [
    `curl -s ${quoted(url)} \\`,
    `  -H "Authorization: Bearer $TOKEN" \\`,
    `  -H 'Content-Type: application/json' \\`,
    `  -d ${quoted(body)}`,
  ].join('\n');
}

/** A whole Go program with nothing but the standard library. */
export function asGo(operation: Operation, url: string): string {
  return `package main

import (
\t"io"
\t"log"
\t"net/http"
\t"os"
\t"strings"
)

func main() {
\tbody := ${JSON.stringify(escaped(JSON.stringify(bodyOf(operation))))}
\treq, err := http.NewRequest("POST", ${JSON.stringify(url)}, strings.NewReader(body))
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\treq.Header.Set("Authorization", "Bearer "+os.Getenv("TOKEN"))
\treq.Header.Set("Content-Type", "application/json")
\tresp, err := http.DefaultClient.Do(req)
\tif err != nil {
\t\tlog.Fatal(err)
\t}
\tdefer resp.Body.Close()
\tif _, err := io.Copy(os.Stdout, resp.Body); err != nil {
\t\tlog.Fatal(err)
\t}
}
`;
}

function bodyOf({ document, variables }: Operation) {
  const given = withoutGaps(variables);
  return { query: printed(document), ...(given !== undefined && { variables: given }) };
}

/** As people write it: without the __typename that the client adds. */
function printed(document: DocumentNode): string {
  return print(document).replace(/^\s*__typename\n/gm, '');
}

/** Leaves out what is not set; undefined where nothing is left. */
function withoutGaps(variables: object | undefined): object | undefined {
  const entries = Object.entries(variables ?? {}).filter(([, value]) => value !== undefined && value !== null);
  return entries.length === 0 ? undefined : Object.fromEntries(entries);
}

/** In single quotes for a POSIX shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
