import { useApolloClient } from '@apollo/client/react';
import { Button, Menu } from '@mantine/core';
import { Trash2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation, useSearchParams } from 'wouter';

import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { newKey, once, useKeyFor } from '../../graphql/key.ts';
import { Ask } from '../../shell/Ask.tsx';
import { modifier } from '../../shell/modifier.ts';
import { Screen } from '../../shell/Screen.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { attachedOf, attachmentsOf, type Draft } from '../channel/draft.ts';
import { Editor } from '../channel/Editor.tsx';
import { useUploads } from '../channel/useUploads.ts';
import { useChannels } from '../channels/useChannels.ts';
import styles from './Announcements.module.css';
import { AnnouncementDocument, AnnouncementPlanDocument, CreateAnnouncementDocument, DeleteAnnouncementDocument, SendAnnouncementDocument, UpdateAnnouncementDocument, type ShownAnnouncementFragment } from './announcements.generated.ts';
import { audienceOf, obstacleTo, selectionOf } from './audience.ts';
import { AudienceField } from './AudienceField.tsx';
import { NEW, NOTHING, useWritten, type Written } from './kept.ts';
import { SendDialog } from './SendDialog.tsx';
import { draftOf, mentionsOf } from './words.ts';

interface Props {
  /** The draft; undefined for a new one. */
  of: ShownAnnouncementFragment | undefined;
  user: { id: string; name: string };
}

/** Writes an announcement once, and says whom it is for. */
export function Compose({ of, user }: Props) {
  const { t } = useTranslation(['announcements', 'changes']);
  const client = useApolloClient();
  const toast = useToast();
  const [, navigate] = useLocation();
  const [params, setParams] = useSearchParams();
  const id = of?.id ?? NEW;
  const { written, change, forget } = useWritten(user.id, id, of === undefined ? NOTHING : writtenIn(of));
  const { draft, audience } = written;
  const changeDraft = (by: (draft: Draft) => Draft) => change((now) => ({ ...now, draft: by(now.draft) }));
  const uploads = useUploads((file, uploaded) => changeDraft((now) => ({ ...now, attachments: [...now.attachments, attachedOf(file, uploaded)] })), `announcement:${user.id}:${id}`);
  const channels = useChannels();
  const [tried, setTried] = useState(false);
  const [busy, setBusy] = useState(false);
  const [deleting, setDeleting] = useState(false);
  const [error, setError] = useState<unknown>();
  const overtaken = isOvertaken(error);
  const keyFor = useKeyFor();
  useStay(busy);

  const input = { text: draft.text, attachments: attachmentsOf(draft), mentionedUsersIds: mentionsOf(draft, of), channels: selectionOf(audience) };
  /** Returns the id, or undefined if it was not saved. */
  const save = async (): Promise<string | undefined> => {
    setTried(true);
    if (obstacleTo(audience) !== undefined) return undefined;
    setBusy(true);
    setError(undefined);
    try {
      const ifVersion = overtaken ? of?.version : (written.version ?? of?.version);
      const context = once(keyFor({ id, ifVersion, ...input }));
      const saved =
        of === undefined
          ? (await client.mutate({ mutation: CreateAnnouncementDocument, variables: { input }, context })).data?.createAnnouncement
          : (await client.mutate({ mutation: UpdateAnnouncementDocument, variables: { input: { id: of.id, ...input, ...(ifVersion !== undefined && { ifVersion }) } }, context })).data?.updateAnnouncement;
      forget(saved?.announcement.version);
      return saved?.announcement.id;
    } catch (failure) {
      if (isOvertaken(failure)) await client.refetchQueries({ include: [AnnouncementDocument] }).catch(() => undefined);
      setError(failure);
      return undefined;
    } finally {
      setBusy(false);
    }
  };
  const check = async () => {
    const saved = await save();
    if (saved !== undefined) navigate(`/announcements/${saved}?send`, { replace: true });
  };
  const keepDraft = async () => {
    if ((await save()) === undefined) return;
    toast.done(t('draftSaved'));
    navigate('/announcements');
  };
  const remove = async () => {
    const key = once(newKey());
    await toast.attempt(async () => {
      if (of !== undefined) await client.mutate({ mutation: DeleteAnnouncementDocument, variables: { input: { id: of.id } }, context: key });
      forget();
      toast.done(t('draftDeleted'));
      navigate('/announcements');
    });
  };

  return (
    <Screen
      title={of === undefined ? t('new') : t('draft')}
      back={{ href: '/announcements', label: t('back') }}
      operations={[
        { document: CreateAnnouncementDocument, variables: { input } },
        { document: AnnouncementPlanDocument, variables: { id } },
        { document: SendAnnouncementDocument, variables: { input: { id } } },
      ]}
      {...(of !== undefined && {
        menu: (
          <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => setDeleting(true)}>
            {t('deleteDraft')}
          </Menu.Item>
        ),
      })}
      reading
    >
      <AudienceField audience={audience} onChange={(audience) => change((now) => ({ ...now, audience }))} channels={channels} tried={tried} />
      <section className={styles.part} aria-label={t('message')}>
        <h2>{t('message')}</h2>
        <Editor
          draft={draft}
          onChange={changeDraft}
          onSubmit={() => void check()}
          uploads={uploads}
          label={t('text')}
          submit={overtaken ? t('changes:allTheSame') : t('check')}
          keys={t('checkKeys', { key: modifier })}
          busy={busy}
          sender={user}
        >
          <Button size="sm" variant="default" disabled={busy || uploads.uploads.length > 0} onClick={() => void keepDraft()}>
            {t('saveDraft')}
          </Button>
        </Editor>
        {error !== undefined && <NotSaved error={error} yours={draft.text} theirs={of?.text} />}
      </section>
      {deleting && <Ask title={t('deleteDraftTitle')} lead={t('deleteDraftLead')} submit={t('deleteDraftSubmit')} onSubmit={() => void remove()} onClose={() => setDeleting(false)} />}
      {of !== undefined && params.has('send') && <SendDialog of={of} onClose={() => setParams({}, { replace: true })} />}
    </Screen>
  );
}

const writtenIn = (of: ShownAnnouncementFragment): Written => ({ draft: draftOf(of), audience: audienceOf(of.channels), version: of.version });
