import { Alert, Button, FileButton, Group, Progress, Skeleton, Text, TextInput } from '@mantine/core';
import { ImageUp, Trash2 } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { UploadRefused, useRefusalInWords } from '../../media/refusal.ts';
import { upload } from '../../media/upload.ts';
import styles from './AvatarField.module.css';
import { ChannelAvatar } from '../../media/ChannelAvatar.tsx';
import { unfit } from './picture.ts';

const cropCode = () => import('./Crop.tsx');
const Crop = lazy(cropCode);

/** What is to become of the avatar: undefined keeps it, null removes it, else the name of a file. */
export type Avatar = string | null | undefined;

interface Props {
  /** The address of the present one. */
  src: string | null;
  /** The channel's name, for who has no picture. */
  name: string;
  value: Avatar;
  /** Why the server did not take the name. */
  error: string | undefined;
  onChange(value: Avatar): void;
  /** While a picture is on its way the form should wait. */
  onBusy(busy: boolean): void;
}

/** Chooses a picture, lets one cut a square out of it, sends it and shows what the list will show. */
export function AvatarField({ src, name, value, error, onChange, onBusy }: Props) {
  const { t } = useTranslation('channels');
  const [over, setOver] = useState(false);
  const [byName, setByName] = useState(false);
  const reset = useRef<() => void>(null);
  const { chosen, setChosen, sent, progress, trouble, setTrouble, choose, send, remove } = useSending(src, onChange, onBusy);
  const take = (file: File | null) => {
    reset.current?.(); // The same file may be chosen again.
    void choose(file);
  };

  const onDrop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0] ?? null);
  };

  if (chosen !== undefined) {
    return (
      <Suspense fallback={<Skeleton height="16rem" />}>
        <Crop
          file={chosen}
          onDone={(file) => void send(file)}
          onFailed={() => {
            setChosen(undefined);
            setTrouble(t('notPicture'));
          }}
          onCancel={() => setChosen(undefined)}
        />
      </Suspense>
    );
  }
  // What was chosen counts once it is there: until then a form that is saved keeps the old one.
  const shown = (trouble === undefined ? sent?.address : undefined) ?? (value === null ? null : src);
  return (
    <div
      role="group"
      aria-label={t('avatar')}
      className={styles.field}
      data-over={over || undefined}
      onDragOver={(event) => {
        event.preventDefault();
        setOver(true);
      }}
      onDragLeave={() => setOver(false)}
      onDrop={onDrop}
    >
      <div className={styles.preview}>
        <ChannelAvatar src={shown} name={name} />
        <div className={styles.choose}>
          <Group gap="xs">
            <FileButton onChange={take} accept="image/png,image/jpeg" resetRef={reset}>
              {(props) => (
                <Button {...props} size="xs" variant="default" leftSection={<ImageUp size={16} aria-hidden />} disabled={progress !== undefined}>
                  {t('avatarChoose')}
                </Button>
              )}
            </FileButton>
            {shown !== null && (
              <Button size="xs" variant="subtle" color="gray" c="dimmed" leftSection={<Trash2 size={16} aria-hidden />} onClick={remove}>
                {t('avatarRemove')}
              </Button>
            )}
          </Group>
          <Text fz="xs" c="dimmed">
            {t('avatarLead')}
          </Text>
        </div>
      </div>
      {progress !== undefined && <Progress value={progress * 100} size="sm" aria-label={t('avatarProgress')} />}
      {trouble !== undefined && (
        <Alert color="red" variant="light" p="xs">
          {trouble}
          {sent !== undefined && (
            <Button size="compact-xs" variant="default" ms="xs" onClick={() => void send(sent.file)}>
              {t('again')}
            </Button>
          )}
        </Alert>
      )}
      {byName || error !== undefined ? (
        <TextInput
          size="xs"
          label={t('avatarName')}
          description={t('avatarNameLead')}
          dir="ltr"
          value={value ?? ''}
          error={error}
          onChange={(event) => onChange(event.currentTarget.value === '' ? undefined : event.currentTarget.value)}
        />
      ) : (
        <Button size="compact-xs" variant="subtle" color="gray" c="dimmed" onClick={() => setByName(true)}>
          {t('avatarByName')}
        </Button>
      )}
    </div>
  );
}

/** A picture from where it is chosen until it is there. */
function useSending(src: string | null, onChange: Props['onChange'], onBusy: Props['onBusy']) {
  const { t } = useTranslation('channels');
  const [chosen, setChosen] = useState<File>();
  const [sent, setSent] = useState<{ file: File; address: string }>();
  const [progress, setProgress] = useState<number>();
  const [trouble, setTrouble] = useState<string>();
  const abort = useRef<AbortController>(undefined);
  const verdict = useVerdict();
  const { t: tError } = useTranslation('errors');

  useEffect(() => () => abort.current?.abort(), []);
  useEffect(() => {
    if (sent !== undefined) return () => URL.revokeObjectURL(sent.address);
    return undefined;
  }, [sent]);

  const choose = async (file: File | null) => {
    if (file === null) return;
    setTrouble(undefined);
    const why = await unfit(file);
    if (why !== undefined) return setTrouble(t(why.why, { ...why }));
    try {
      await cropCode(); // Where it can't be had, the form is to stay.
      setChosen(file);
    } catch {
      setTrouble(tError('NETWORK'));
    }
  };

  const send = async (file: File) => {
    setChosen(undefined);
    setTrouble(undefined);
    setProgress(0);
    onBusy(true);
    setSent({ file, address: URL.createObjectURL(file) });
    abort.current = new AbortController();
    try {
      const { filename } = await upload(file, setProgress, abort.current.signal);
      onChange(filename);
    } catch (failure) {
      if (!(failure instanceof UploadRefused && failure.code === 'ABORTED')) setTrouble(verdict(failure));
    } finally {
      setProgress(undefined);
      onBusy(false);
    }
  };

  const remove = () => {
    abort.current?.abort();
    setSent(undefined);
    setTrouble(undefined);
    onChange(src === null ? undefined : null);
  };

  return { chosen, setChosen, sent, progress, trouble, setTrouble, choose, send, remove };
}

/** Why a picture was not taken. */
function useVerdict(): (failure: unknown) => string {
  const { t } = useTranslation('channels');
  const inWords = useRefusalInWords();
  return (failure) => {
    const refused = failure instanceof UploadRefused ? failure : new UploadRefused('INTERNAL', '');
    return refused.code === 'MISSING' ? t('noMedia') : inWords(refused);
  };
}
