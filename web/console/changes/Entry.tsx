import { useQuery } from '@apollo/client/react';
import { Badge, Button, Text } from '@mantine/core';
import { ArrowRight, ShieldX, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useSession } from '../auth/session.ts';
import { useFormats } from '../i18n/formats.ts';
import { visible } from '../i18n/visible.ts';
import { named, type Person } from '../people.ts';
import { addressOf } from '../screens/channels/address.ts';
import { ChannelOfChangeDocument } from './changes.generated.ts';
import styles from './Entry.module.css';
import { isKind, mayUndo, stateOf, targetsOf, useDeed, useDifferences, whyNot, type Change, type Difference, type Target } from './words.ts';

const SHOWN = 3;

export type People = ReadonlyMap<string, Person>;

interface Props {
  change: Change;
  people: People;
  /** Shows all of it, also what is seldom asked for. */
  whole?: boolean;
  /** Leaves out what became of it. */
  bare?: boolean;
  onUndo?: ((change: Change) => void) | undefined;
}

/** Who did what, when and why, and how it was before. */
export function Entry({ change, people, whole = false, bare = false, onUndo }: Props) {
  const { t } = useTranslation('changes');
  const { moment, time } = useFormats();
  const deed = useDeed();
  const at = new Date(change.at);
  return (
    <article className={styles.entry} data-change={change.id} aria-labelledby={`did-${change.id}`}>
      <div className={styles.head}>
        <p className={styles.did} id={`did-${change.id}`}>
          <Who id={change.by} people={people} /> {deed(change)}
        </p>
        <time dateTime={change.at} title={moment.format(at)} className={styles.at}>
          {whole ? moment.format(at) : time.format(at)}
        </time>
      </div>
      <Targets change={change} people={people} all={whole} />
      {change.reason !== null && (
        <Text fz="sm" className={styles.reason ?? ''}>
          {t('reason')}: <bdi>{visible(change.reason)}</bdi>
        </Text>
      )}
      {!bare && <Foot change={change} onUndo={onUndo} />}
    </article>
  );
}

/** What became of it, and the button that undoes it, or why it can't be undone. */
function Foot({ change, onUndo }: Pick<Props, 'change' | 'onUndo'>) {
  const { t } = useTranslation('changes');
  const { holder } = useSession();
  const reason = whyNot(change, holder?.id);
  const may = mayUndo(change, holder?.id);
  return (
    <div className={styles.foot}>
      {change.outcome === 'REFUSED' && (
        <Badge variant="light" color="red" className={styles.badge ?? ''} leftSection={<ShieldX size={12} aria-hidden />}>
          {t('refused')}
        </Badge>
      )}
      {(change.outcome === 'FAILED' || change.outcome === 'UNKNOWN') && (
        <Badge variant="light" color={change.outcome === 'FAILED' ? 'red' : 'gray'} className={styles.badge ?? ''}>
          {t(change.outcome === 'FAILED' ? 'failed' : 'unknown')}
        </Badge>
      )}
      {change.undoneBy !== null && (
        <Badge component={Link} href={`/activity?change=${change.undoneBy}`} variant="light" color="sea" className={styles.badge ?? ''} leftSection={<Undo2 size={12} aria-hidden className="bc-mirror" />}>
          {t('isUndone')}
        </Badge>
      )}
      {change.undoes !== null && (
        <Link href={`/activity?change=${change.undoes}`} className={styles.link ?? ''}>
          {t('undoes')}
        </Link>
      )}
      {change.operation === 'deleteChannels' && change.canUndo && (
        <Link href="/bin" className={styles.link ?? ''}>
          {t('inBin')}
        </Link>
      )}
      {reason !== undefined && <span className={styles.quiet}>{t(reason)}</span>}
      {may && onUndo !== undefined && (
        <Button size="compact-sm" variant="default" leftSection={<Undo2 size={14} aria-hidden className="bc-mirror" />} aria-describedby={`did-${change.id}`} onClick={() => onUndo(change)}>
          {t('undo')}
        </Button>
      )}
    </div>
  );
}

function Targets({ change, people, all }: { change: Change; people: People; all: boolean }) {
  const { t } = useTranslation('changes');
  const [opened, setOpened] = useState(all);
  const targets = targetsOf(change);
  const shown = opened ? targets : targets.slice(0, SHOWN);
  const unlisted = change.targetCount - change.targets.length;
  if (targets.length === 0) return null;
  return (
    <ul className={styles.targets}>
      {shown.map((target, at) => (
        <li key={`${target.kind} ${target.cid} ${target.userId} ${target.item} ${at}`}>
          <What target={target} people={people} known={change.operation !== 'deleteChannels' && change.operation !== 'eraseNow'} />
        </li>
      ))}
      {shown.length < targets.length && (
        <li>
          <button type="button" className={styles.more} onClick={() => setOpened(true)}>
            {t('targetsAll', { count: targets.length - shown.length })}
          </button>
        </li>
      )}
      {shown.length === targets.length && unlisted > 0 && <li className={styles.quiet}>{t('targetsMore', { count: unlisted })}</li>}
    </ul>
  );
}

/** One thing that a change was about, and what is different about it. */
function What({ target, people, known }: { target: Target; people: People; known: boolean }) {
  const { t } = useTranslation('changes');
  const differences = useDifferences()(target);
  const { kind, cid, userId, before, after } = target;
  return (
    <div className={styles.what}>
      <span className={styles.thing}>
        <Kind target={target} />
        {userId !== null && <Who id={userId} people={people} />}
        {userId !== null && cid !== null && <span className={styles.quiet}>{t('inChannel')}</span>}
        {cid !== null && <Where cid={cid} name={String(stateOf(after)?.['name'] ?? stateOf(before)?.['name'] ?? '')} known={known} />}
        {kind === 'member' && before === null && after !== null && <span className={styles.quiet}>{t('added')}</span>}
        {kind === 'member' && before !== null && after === null && <span className={styles.quiet}>{t('removed')}</span>}
      </span>
      {differences.length > 0 && (
        <dl className={styles.differences}>
          {differences.map((difference) => (
            <Different key={difference.field} difference={difference} fresh={before === null} />
          ))}
        </dl>
      )}
    </div>
  );
}

/** What kind of thing it is, and which, unless people and channels say it by their names. */
function Kind({ target: { kind, item, before, after } }: { target: Target }) {
  const { t } = useTranslation('changes');
  const gone = before !== null && after === null;
  switch (kind) {
    case 'channel':
    case 'user':
    case 'member':
      return null;
    case 'restriction':
      return <span className={styles.quiet}>{item === 'ban' || item === 'mute' || item === 'shadow' ? t(`restriction_${item}`) : t('kind_restriction')}</span>;
    case 'message':
      return <span className={styles.quiet}>{t('kind_message')}</span>;
    case 'announcement':
    case 'webhook':
      return gone ? (
        <span className={styles.quiet}>{t(`kind_${kind}`)}</span>
      ) : (
        <Link href={`/${kind}s/${item}`} className={styles.link ?? ''}>
          {t(`kind_${kind}`)}
        </Link>
      );
    case 'job':
      return (
        <Link href="/jobs" className={styles.link ?? ''}>
          {t('kind_job')}
        </Link>
      );
    default:
      return (
        <>
          <span className={styles.quiet}>{isKind(kind) ? t(`kind_${kind}`) : kind}</span>
          {item !== null && (
            <bdi dir="ltr" className={styles.cid}>
              {visible(item)}
            </bdi>
          )}
        </>
      );
  }
}

/** A field, with what it was and what it became. */
export function Different({ difference: { label, before, after }, fresh }: { difference: Difference; fresh: boolean }) {
  const { t } = useTranslation('changes');
  return (
    <div>
      <dt>{label}</dt>
      <dd>
        {!fresh && (
          <>
            <del>
              <bdi>{before === undefined ? t('nothingBefore') : visible(before)}</bdi>
            </del>
            <ArrowRight size={14} aria-label={t('becomes')} className="bc-mirror" />
          </>
        )}
        <ins>
          <bdi>{after === undefined ? t('nothingBefore') : visible(after)}</bdi>
        </ins>
      </dd>
    </div>
  );
}

function Who({ id, people }: { id: string; people: People }) {
  const { t } = useTranslation('changes');
  if (id === '') return <b>{t('nobody')}</b>;
  return (
    <Link href={`/users?search=${encodeURIComponent(id)}`} className={styles.who ?? ''}>
      <bdi>{visible(named(people.get(id) ?? { id, name: null }))}</bdi>
    </Link>
  );
}

/** A channel by name and cid; one that is gone by what is known of it. */
function Where({ cid, name, known }: { cid: string; name: string; known: boolean }) {
  const { data } = useQuery(ChannelOfChangeDocument, { variables: { cid }, skip: !known || name !== '', fetchPolicy: 'cache-first' });
  const words = (
    <>
      <bdi>{visible(name !== '' ? name : (data?.channel?.name ?? ''))}</bdi> <bdi dir="ltr" className={styles.cid}>{cid}</bdi>
    </>
  );
  return known ? (
    <Link href={addressOf(cid)} className={styles.where ?? ''}>
      {words}
    </Link>
  ) : (
    <span className={styles.where}>{words}</span>
  );
}
