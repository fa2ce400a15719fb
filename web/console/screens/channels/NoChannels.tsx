import { Button } from '@mantine/core';
import { MessagesSquare, Plus, Sparkles, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Empty } from '../../shell/Empty.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useSample } from './sample.ts';

/** What to do where there is no channel: create one, import users, look around with a sample. */
export function NoChannels({ onCreate, reload }: { onCreate(): void; reload(): Promise<void> }) {
  const { t } = useTranslation('channels');
  const toast = useToast();
  const load = useSample();
  const [busy, setBusy] = useState(false);
  const sample = async () => {
    setBusy(true);
    try {
      await load();
    } catch (failure) {
      toast.failed(failure);
    }
    setBusy(false);
    await reload();
  };
  return (
    <Empty icon={MessagesSquare} title={t('empty')} lead={t('emptyLead')}>
      <Button leftSection={<Plus size={16} aria-hidden />} onClick={onCreate}>
        {t('new')}
      </Button>
      <Button variant="default" leftSection={<Users size={16} aria-hidden />} component={Link} href="/users/import">
        {t('importUsers')}
      </Button>
      <Button variant="default" leftSection={<Sparkles size={16} aria-hidden />} loading={busy} onClick={() => void sample()}>
        {t('sample')}
      </Button>
    </Empty>
  );
}
