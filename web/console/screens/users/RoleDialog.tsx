import { useApolloClient } from '@apollo/client/react';
import { Button, Group, Modal, Radio, Stack, Text } from '@mantine/core';
import { ArrowRight } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { visible } from '../../i18n/visible.ts';
import { nameOf } from '../../people.ts';
import { useStay } from '../../shell/Unsaved.tsx';
import { showAsTheyAre } from './asTheyAre.ts';
import { useSetRoles } from './useRoles.ts';
import styles from './Users.module.css';
import type { User } from './user.ts';
import { RoleBadge } from './UserTable.tsx';

const ROLES = ['USER', 'MODERATOR', 'ADMIN'] as const;
const SHOWN = 50;

interface Props {
  users: readonly User[];
  onClose(): void;
  /** Tells the users as they are then. */
  onChanged(users: ReadonlyMap<string, User>): void;
}

/** Asks for a role, and shows beside each user the old one. */
export function RoleDialog({ users: chosen, onClose, onChanged }: Props) {
  const { t } = useTranslation(['users', 'changes']);
  const client = useApolloClient();
  /** As they were when they were shown here: what comes from others meanwhile isn't overwritten unseen. */
  const [users, setUsers] = useState(chosen);
  const setRoles = useSetRoles();
  const first = users[0]?.role ?? 'USER';
  const [role, setRole] = useState<User['role']>(users.every((user) => user.role === first) ? (first === 'USER' ? 'MODERATOR' : 'USER') : 'USER');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  useStay(busy);
  const changing = users.filter((user) => user.role !== role);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const versions = await setRoles(role, changing, reasonOf(reason));
      onChanged(new Map(users.map((user) => [user.id, { ...user, role, version: versions.get(user.id) ?? user.version }])));
      onClose();
    } catch (failure) {
      if (isOvertaken(failure)) {
        const people = await showAsTheyAre(client, users.map(({ id }) => id));
        setUsers(users.map((user) => ({ ...user, ...people.get(user.id) })));
      }
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={t('roleTitle', { count: users.length })} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Radio.Group label={t('roleNew')} value={role} readOnly={busy} onChange={(value) => setRole(value as User['role'])}>
            <Stack gap="xs" mt="xs">
              {ROLES.map((one) => (
                <Radio key={one} value={one} label={t(one)} description={t(`roleLead${one}`)} data-autofocus={one === role || undefined} />
              ))}
            </Stack>
          </Radio.Group>
          <div>
            <Text fw={600} mb={4} id="role-changes">
              {t('roleWhat')}
            </Text>
            <ul className={styles.what} aria-labelledby="role-changes" tabIndex={0}>
              {users.slice(0, SHOWN).map((user) => (
                <li key={user.id}>
                  <span className={styles.who}>
                    <bdi>{visible(nameOf(user))}</bdi>
                    <bdi className={styles.id}>{user.id}</bdi>
                  </span>
                  <span className={styles.change}>
                    <RoleBadge role={user.role} />
                    {user.role === role ? (
                      <Text span c="dimmed" fz="xs">
                        {t('roleSame')}
                      </Text>
                    ) : (
                      <>
                        <ArrowRight size={14} aria-label={t('becomes')} className="bc-mirror" />
                        <RoleBadge role={role} />
                      </>
                    )}
                  </span>
                </li>
              ))}
              {users.length > SHOWN && <li>{t('roleMore', { count: users.length - SHOWN })}</li>}
            </ul>
          </div>
          <ReasonField value={reason} onChange={setReason} />
          {error !== undefined && <NotSaved error={error} yours={t(role)} />}
          {changing.length === 0 && <Text c="dimmed">{t('roleNothing')}</Text>}
          <Group justify="flex-end">
            <Button variant="default" disabled={busy} onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" loading={busy} disabled={changing.length === 0}>
              {isOvertaken(error) ? t('changes:allTheSame') : t('roleSubmit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
