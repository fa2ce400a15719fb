import { Button, Group, Slider, Stack, Text } from '@mantine/core';
import { useEffect, useState } from 'react';
// Drags, pinches, wheels and keys over a picture: a library does it in 40 kB.
import Cropper, { type Area } from 'react-easy-crop';
import { useTranslation } from 'react-i18next';

import styles from './AvatarField.module.css';
import { cut } from './picture.ts';

interface Props {
  file: File;
  onDone(file: File): void;
  onFailed(): void;
  onCancel(): void;
}

/** Asks which square of a picture is to be the avatar. */
export default function Crop({ file, onDone, onFailed, onCancel }: Props) {
  const { t } = useTranslation('channels');
  const [crop, setCrop] = useState({ x: 0, y: 0 });
  const [zoom, setZoom] = useState(1);
  const [area, setArea] = useState<Area>();
  const [busy, setBusy] = useState(false);
  const address = useAddress(file);
  const take = async () => {
    if (area === undefined) return;
    setBusy(true);
    try {
      onDone(await cut(file, area));
    } catch {
      onFailed();
    }
  };

  return (
    <Stack gap="xs">
      <div className={styles.stage}>
        {address !== undefined && (
          <Cropper
            image={address}
            crop={crop}
            zoom={zoom}
            aspect={1}
            maxZoom={5}
            objectFit="contain"
            onCropChange={setCrop}
            onZoomChange={setZoom}
            onCropComplete={(_, pixels) => setArea(pixels)}
            mediaProps={{ alt: '', onError: onFailed }}
            cropperProps={{ role: 'group', 'aria-label': t('cropArea') }}
          />
        )}
      </div>
      <Text fz="xs" c="dimmed">
        {t('cropLead')}
      </Text>
      <Slider
        min={1}
        max={5}
        step={0.05}
        value={zoom}
        onChange={setZoom}
        label={null}
        thumbLabel={t('cropZoom')}
        color="var(--bc-accent)"
      />
      <Group gap="xs" justify="flex-end">
        <Button size="xs" variant="default" onClick={onCancel}>
          {t('cancel')}
        </Button>
        <Button size="xs" loading={busy} disabled={area === undefined} onClick={() => void take()}>
          {t('cropDo')}
        </Button>
      </Group>
    </Stack>
  );
}

/** An address of a file for as long as it is shown. */
function useAddress(file: File): string | undefined {
  const [address, setAddress] = useState<string>();
  useEffect(() => {
    const made = URL.createObjectURL(file);
    setAddress(made);
    return () => URL.revokeObjectURL(made);
  }, [file]);
  return address;
}
