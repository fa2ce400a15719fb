import { Fragment, memo, type ReactNode } from 'react';

import { visible } from '../../i18n/visible.ts';
import styles from './Markdown.module.css';
import { readMarkdown, type Block, type Inline } from './markdown.ts';

/** A message's text. Whatever stands in it becomes text, emphasis or a link, never an element of its choice. */
export const Markdown = memo(function Markdown({ text, labels }: { text: string; labels: readonly string[] }) {
  return (
    <div className={styles.text}>
      {readMarkdown(text, labels).map((block, at) => (
        <Fragment key={at}>{blockOf(block)}</Fragment>
      ))}
    </div>
  );
});

function blockOf(block: Block): ReactNode {
  switch (block.kind) {
    case 'code':
      return (
        <pre dir="ltr" tabIndex={-1}>
          {block.text}
        </pre>
      );
    case 'list': {
      const items = block.items.map((item, at) => <li key={at}>{item.map(inlineOf)}</li>);
      return block.start === undefined ? <ul dir="auto">{items}</ul> : <ol dir="auto" start={block.start}>{items}</ol>;
    }
    case 'quote':
      return <blockquote dir="auto">{linesOf(block.lines)}</blockquote>;
    case 'heading':
      return (
        <p dir="auto" className={styles.heading}>
          {linesOf(block.lines)}
        </p>
      );
    case 'paragraph':
      return <p dir="auto">{linesOf(block.lines)}</p>;
  }
}

const linesOf = (lines: Inline[][]) =>
  lines.map((line, at) => (
    <Fragment key={at}>
      {at > 0 && <br />}
      {line.map(inlineOf)}
    </Fragment>
  ));

function inlineOf(node: Inline, at: number): ReactNode {
  if (typeof node === 'string') return node;
  switch (node.kind) {
    case 'code':
      return <code key={at}>{node.text}</code>;
    case 'mention':
      return (
        <bdi key={at} className={styles.mention} data-mention>
          {visible(node.text)}
        </bdi>
      );
    case 'link':
      return (
        <a key={at} href={node.href} target="_blank" rel="noopener noreferrer nofollow" dir="auto">
          {node.children.map(inlineOf)}
        </a>
      );
    case 'strong':
      return <strong key={at}>{node.children.map(inlineOf)}</strong>;
    case 'em':
      return <em key={at}>{node.children.map(inlineOf)}</em>;
    case 'del':
      return <del key={at}>{node.children.map(inlineOf)}</del>;
  }
}
