import { TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

const MOST = 500;

/** Why somebody does something, for the record of the change. It may stay empty. */
export function ReasonField({ value, onChange }: { value: string; onChange(reason: string): void }) {
  const { t } = useTranslation('changes');
  return <TextInput label={t('reason')} description={t('reasonLead')} dir="auto" autoComplete="off" maxLength={MOST} value={value} onChange={(event) => onChange(event.currentTarget.value)} />;
}

/** A reason as an input takes it: nothing where nothing was written. */
export const reasonOf = (text: string): { reason?: string } => (text.trim() === '' ? {} : { reason: text.trim() });
