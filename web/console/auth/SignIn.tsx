import { Alert, Button, Divider, Group, Paper, Stack, Text, Textarea, Title } from '@mantine/core';
import { LogIn, TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState, type SyntheticEvent } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import type { Config } from '../config.ts';
import { Brand } from '../shell/Brand.tsx';
import { Preferences } from '../shell/Preferences.tsx';
import { askWhoIs, type Verdict } from './ask.ts';
import { CALLBACK } from './callback.ts';
import styles from './SignIn.module.css';
import { session, useSession, type Issuer } from './session.ts';
import { cleanToken, forgetIssuer, readHolder } from './token.ts';

type Problem = 'notToken' | 'tokenExpired' | 'tokenRefused' | 'tokenDenied' | 'unreachable' | 'opaqueToken' | 'issuerFailed' | 'issuerRefused';

const PROBLEM_OF: Record<Exclude<Verdict, 'welcome'>, Problem> = {
  denied: 'tokenDenied',
  refused: 'tokenRefused',
  unreachable: 'unreachable',
};

/** Stands where the page will be: asks for a token, or sends the user to the organisation's sign-in. */
export function SignIn({ config }: { config: Config }) {
  const { t } = useTranslation('auth');
  const { reason, holder, leftOpen } = useSession();
  const [text, setText] = useState('');
  const [problem, setProblem] = useState<Problem>();
  const [name, setName] = useState('');
  const [busy, setBusy] = useState(false);
  const field = useRef<HTMLTextAreaElement>(null);

  useEffect(() => {
    document.title = `${t('title')} · Backchannel`;
  }, [t]);
  useEffect(() => field.current?.focus(), []);

  const enter = async (token: string, issuer?: Issuer) => {
    const claims = readHolder(token);
    if (claims === undefined) return setProblem(issuer === undefined ? 'notToken' : 'opaqueToken');
    if (issuer === undefined && claims.expires !== undefined && claims.expires.getTime() <= Date.now()) return setProblem('tokenExpired');
    setBusy(true);
    const verdict = await askWhoIs(token);
    setBusy(false);
    if (verdict === 'welcome') return session.signIn(token, issuer);
    forgetIssuer();
    setName(claims.name);
    setProblem(PROBLEM_OF[verdict]);
  };
  const issuerFailed = (word: string) => {
    setName(word);
    setProblem(word === '' ? 'issuerFailed' : 'issuerRefused');
  };
  const returning = useReturnFromIssuer(config, enter, issuerFailed);

  const submit = (event: SyntheticEvent) => {
    event.preventDefault();
    if (!busy && text.trim() !== '') void enter(cleanToken(text));
  };

  const explained =
    leftOpen === true ? t('leftOpen') : reason === 'expired' ? t('sessionExpired') : reason === 'refused' ? t('sessionRefused') : reason === 'denied' ? t('tokenDenied', { name: holder?.name ?? '' }) : undefined;

  return (
    <div className={styles.page}>
      <main className={styles.main}>
        <Paper className={styles.card} withBorder radius="lg" p="xl">
          <Stack gap="lg">
            <Brand />
            <div>
              <Title order={1} fz="1.375rem">
                {t('title')}
              </Title>
              <Text c="dimmed">{t('lead')}</Text>
            </div>
            {explained !== undefined && problem === undefined && (
              <Alert variant="light" color={reason === 'denied' ? 'red' : 'yellow'} icon={<TriangleAlert size={18} aria-hidden />} role="status" className={styles.notice ?? ''}>
                {explained}
              </Alert>
            )}
            {config.oidc !== undefined && (
              <>
                <Button
                  size="md"
                  loading={returning}
                  leftSection={<LogIn size={18} aria-hidden />}
                  onClick={() => void goToIssuer(config, false, issuerFailed)}
                >
                  {t('organisation')}
                </Button>
                {(problem === 'tokenDenied' || (problem === undefined && reason === 'denied')) && (
                  <Button variant="default" onClick={() => void goToIssuer(config, true, issuerFailed)}>
                    {t('otherAccount')}
                  </Button>
                )}
                <Divider label={t('or')} />
              </>
            )}
            <form onSubmit={submit} noValidate>
              <Stack gap="sm">
                <Textarea
                  ref={field}
                  label={t('token')}
                  description={t('tokenHint')}
                  placeholder={t('tokenPlaceholder')}
                  rows={3}
                  dir="ltr"
                  value={text}
                  onChange={(event) => {
                    setText(event.currentTarget.value);
                    setProblem(undefined);
                  }}
                  onKeyDown={(event) => {
                    if (event.key === 'Enter') submit(event);
                  }}
                  error={problem === undefined ? undefined : <span role="alert">{t(problem, { name })}</span>}
                  autoComplete="off"
                  autoCapitalize="off"
                  spellCheck={false}
                  classNames={{ input: styles.token ?? '' }}
                />
                <Button type="submit" variant={config.oidc ? 'default' : 'filled'} loading={busy} disabled={text.trim() === ''}>
                  {t('submit')}
                </Button>
              </Stack>
            </form>
            <details className={styles.help}>
              <summary>{t('howToken')}</summary>
              <Text fz="sm" c="dimmed" mt={4}>
                {config.dev ? t('howTokenDev') : t('howTokenElse')}
              </Text>
            </details>
          </Stack>
        </Paper>
        <Group justify="center" mt="md">
          <Preferences />
        </Group>
      </main>
    </div>
  );
}

/** Where the issuer has sent the user back, takes the code and goes to where the user was. */
function useReturnFromIssuer({ oidc }: Config, enter: (token: string, issuer: Issuer) => Promise<void>, failed: (word: string) => void): boolean {
  const [, navigate] = useLocation();
  const [returning, setReturning] = useState(oidc !== undefined && location.pathname === CALLBACK);
  const begun = useRef(false);
  useEffect(() => {
    if (!returning || begun.current || oidc === undefined) return;
    begun.current = true; // A code is good once.
    void (async () => {
      let word = '';
      try {
        const { returnFromIssuer, wordOf } = await import('./oidc.ts');
        const { token, issuer, place } = await returnFromIssuer(oidc).catch((error: unknown) => {
          word = wordOf(error);
          throw error;
        });
        navigate(place.replace(/^\/console/, ''), { replace: true });
        await enter(token, issuer);
      } catch {
        navigate('/', { replace: true });
        failed(word);
      } finally {
        setReturning(false);
      }
    })();
  });
  return returning;
}

async function goToIssuer({ oidc }: Config, other: boolean, failed: (word: string) => void): Promise<void> {
  if (oidc === undefined) return;
  try {
    const { leaveForIssuer } = await import('./oidc.ts');
    await leaveForIssuer(oidc, location.pathname + location.search, other);
  } catch {
    failed('');
  }
}
