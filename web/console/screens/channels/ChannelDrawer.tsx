import { Button, Drawer, Group, NativeSelect, Stack, Text, TextInput } from '@mantine/core';
import { History, Snowflake, Trash2 } from 'lucide-react';
import { useState, type FormEvent, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { typeInput, TYPES } from '../../graphql/channelType.ts';
import { useErrorInWords, type ErrorInWords } from '../../graphql/errors.ts';
import { useKeyFor } from '../../graphql/key.ts';
import type { CreateOrUpdateStreamChatChanelInput } from '../../graphql/types.generated.ts';
import { visible, withoutHidden } from '../../i18n/visible.ts';
import { useStay, useUnsaved } from '../../shell/Unsaved.tsx';
import type { Actions, Saved, Seen } from './actions.ts';
import { AvatarField, type Avatar } from './AvatarField.tsx';
import type { ChatStreamChannelType } from './channels.generated.ts';
import type { Row } from './rows.ts';

const LONGEST_NAME = 255; // characters, of which some are several of JavaScript's

interface Props {
  /** The channel to change; undefined creates one. */
  row: Row | undefined;
  actions: Actions;
  onSaved(saved: Saved, name: string): void;
  onFreeze(row: Row): Promise<readonly Seen[]>;
  onDelete(row: Row): void;
  onClose(): void;
}

/** The form for a channel. What the server refuses stands at the field it is about. */
export function ChannelDrawer({ row, actions, onSaved, onFreeze, onDelete, onClose }: Props) {
  const { t } = useTranslation(['channels', 'changes']);
  const { t: tShell } = useTranslation('shell');
  const inWords = useErrorInWords();
  const keyFor = useKeyFor();
  const [name, setName] = useState(row?.name ?? '');
  const [type, setType] = useState<ChatStreamChannelType>('Livestream');
  const [id, setId] = useState('');
  const [avatar, setAvatar] = useState<Avatar>();
  const [waiting, setWaiting] = useState(false);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  /** As it was when it was shown here: what comes from others meanwhile isn't overwritten unseen. */
  const [seen, setSeen] = useState(row?.version ?? '');

  const givenId = row?.id ?? id.trim();
  const input: CreateOrUpdateStreamChatChanelInput = {
    ...(givenId !== '' && { id: givenId }),
    name: name.trim(),
    ...(avatar !== undefined && { avatarFilename: avatar }),
    ...(row === undefined ? { type } : typeInput(row.type)),
    ...(givenId !== '' && { ifVersion: seen }),
  };
  const written = row === undefined ? name !== '' || id !== '' : input.name !== (row.name ?? '');
  const changed = written || avatar !== undefined;
  const ready = input.name !== '' && changed && !waiting && !busy;
  const unsaved = useUnsaved(changed || waiting, onClose);
  useStay(busy);

  const save = async () => {
    setBusy(true);
    setError(undefined);
    try {
      onSaved(await actions.save(input, keyFor(input)), input.name);
    } catch (failure) {
      if (row !== undefined && isOvertaken(failure)) setSeen((await actions.look(row.cid).catch(() => undefined))?.version ?? seen);
      setError(failure);
      setBusy(false);
    }
  };
  const submit = (event: FormEvent | KeyboardEvent) => {
    event.preventDefault();
    if (ready) void save();
  };
  const words: ErrorInWords | undefined = error === undefined ? undefined : inWords(error);
  const overtaken = isOvertaken(error);
  const at = (field: string) => (words?.field === field ? words.text : undefined);
  const elsewhere = words !== undefined && !['input.name', 'input.id', 'input.avatarFilename'].includes(words.field ?? '');

  return (
    <Drawer
      opened
      onClose={busy ? () => undefined : unsaved.close}
      closeOnEscape={!unsaved.asking}
      position="right"
      size="md"
      title={row === undefined ? t('newTitle') : t('editTitle')}
      closeButtonProps={{ 'aria-label': tShell('close') }}
    >
      <form
        onSubmit={submit}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) submit(event);
        }}
      >
        <Stack gap="md">
          <TextInput
            data-autofocus
            label={t('name')}
            description={t('nameLead', { most: LONGEST_NAME })}
            dir="auto"
            required
            maxLength={4 * LONGEST_NAME}
            value={name}
            error={at('input.name')}
            onChange={(event) => setName(event.currentTarget.value)}
          />
          <Hidden name={name} onName={setName} />
          <AvatarField
            src={row?.avatar ?? null}
            name={name}
            value={avatar}
            error={at('input.avatarFilename')}
            onChange={setAvatar}
            onBusy={setWaiting}
          />
          {row === undefined ? (
            <Identity type={type} onType={setType} id={id} onId={setId} error={overtaken ? t('idTaken') : at('input.id')} />
          ) : (
            <Text c="dimmed" fz="xs" style={{ overflowWrap: 'anywhere' }}>
              {t('id')}: <bdi dir="ltr">{row.cid}</bdi>
            </Text>
          )}
          {elsewhere && (row !== undefined || !overtaken) && <NotSaved error={error} yours={input.name} />}
          <Group justify="flex-end">
            <Group gap="xs">
              <Button variant="default" disabled={busy} onClick={unsaved.close}>
                {t('cancel')}
              </Button>
              <Button type="submit" disabled={!ready} loading={busy}>
                {row === undefined ? t('create') : overtaken ? t('changes:allTheSame') : t('save')}
              </Button>
            </Group>
          </Group>
          {row !== undefined && <Beside row={row} onFreeze={(of) => void onFreeze(of).then(([now]) => now && setSeen(now.version))} onDelete={onDelete} />}
        </Stack>
      </form>
      {unsaved.question}
    </Drawer>
  );
}

/** What else can be done with the channel, apart from the form. */
function Beside({ row, onFreeze, onDelete }: { row: Row; onFreeze(row: Row): void; onDelete(row: Row): void }) {
  const { t } = useTranslation('channels');
  return (
    <Group gap="xs" pt="md" style={{ borderBlockStart: '1px solid var(--bc-line)' }}>
      <Button size="xs" variant="default" leftSection={<Snowflake size={16} aria-hidden />} onClick={() => onFreeze(row)}>
        {row.frozen ? t('thaw') : t('freeze')}
      </Button>
      <Button size="xs" variant="default" c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} onClick={() => onDelete(row)}>
        {t('delete')}
      </Button>
      <Button size="xs" variant="default" component={Link} href={`/activity?cid=${encodeURIComponent(row.cid)}`} leftSection={<History size={16} aria-hidden />}>
        {t('activity')}
      </Button>
      <Text fz="xs" c="dimmed">
        {t('freezeLead')}
      </Text>
    </Group>
  );
}

/** Says which signs in a name nobody can see, and takes them out. */
function Hidden({ name, onName }: { name: string; onName(name: string): void }) {
  const { t } = useTranslation('channels');
  if (visible(name) === name) return null;
  return (
    <Group gap="xs" role="status">
      <Text fz="xs" style={{ overflowWrap: 'anywhere' }}>
        {t('hiddenInName', { name })}
      </Text>
      <Button size="compact-xs" variant="default" onClick={() => onName(withoutHidden(name))}>
        {t('hiddenRemove')}
      </Button>
    </Group>
  );
}

interface IdentityProps {
  type: ChatStreamChannelType;
  onType(type: ChatStreamChannelType): void;
  id: string;
  onId(id: string): void;
  error: string | undefined;
}

/** What a channel keeps for as long as it is there: its type and its id. */
function Identity({ type, onType, id, onId, error }: IdentityProps) {
  const { t } = useTranslation('channels');
  return (
    <>
      <NativeSelect
        label={t('columnType')}
        description={t('typeLead')}
        data={[...TYPES]}
        value={type}
        onChange={(event) => onType(event.currentTarget.value as ChatStreamChannelType)}
      />
      <TextInput label={t('id')} description={t('idLead')} dir="ltr" autoComplete="off" value={id} error={error} onChange={(event) => onId(event.currentTarget.value)} />
    </>
  );
}
