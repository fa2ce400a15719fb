import { visible } from '../../i18n/visible.ts';
import styles from './Named.module.css';
import type { Row } from './rows.ts';
import { TypeIcon } from './TypeIcon.tsx';

/** Channels by name, type and id, in a box that scrolls. */
export function Named({ channels, label }: { channels: readonly Pick<Row, 'cid' | 'label' | 'type'>[]; label: string }) {
  return (
    <ul className={styles.named} tabIndex={0} aria-label={label}>
      {channels.map(({ cid, label, type }) => (
        <li key={cid}>
          <TypeIcon type={type} />
          <bdi className={styles.name}>{visible(label)}</bdi>
          <bdi className={styles.cid} dir="ltr">
            {cid}
          </bdi>
        </li>
      ))}
    </ul>
  );
}
