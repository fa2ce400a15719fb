import { Button, Center, Code, Stack, Text, Title } from '@mantine/core';
import { Component, useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { connection, useOnline } from '../graphql/connection.ts';
import { useErrorInWords } from '../graphql/errors.ts';
import { CodeMissing } from './codeMissing.ts';

/** Shows a failure of the page in words. A new `place` is a new try. */
export class ErrorBoundary extends Component<{ place?: string | undefined; children: ReactNode }, { error: unknown }> {
  override state: { error: unknown } = { error: undefined };

  static getDerivedStateFromError(error: unknown) {
    return { error: error ?? new Error('unknown') };
  }

  override componentDidUpdate(before: { place?: string | undefined }) {
    if (before.place !== this.props.place && this.state.error !== undefined) this.setState({ error: undefined });
  }

  override render() {
    return this.state.error === undefined ? this.props.children : <Crashed error={this.state.error} />;
  }
}

function Crashed({ error }: { error: unknown }) {
  const { t } = useTranslation(['shell', 'errors']);
  const { requestId } = useErrorInWords()(error);
  const missing = error instanceof CodeMissing;
  useReload(missing);
  return (
    <Center mih="60vh" p="lg">
      <Stack w="min(34rem, 100%)" role="alert">
        <Title order={1} fz="1.25rem">
          {missing ? t('codeMissing') : t('crashed')}
        </Title>
        <Text>{missing ? t('codeMissingLead') : t('crashedLead')}</Text>
        <Code block style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {error instanceof Error ? error.message : String(error)}
        </Code>
        {requestId !== undefined && <Text c="dimmed">{t('errors:requestId', { id: requestId })}</Text>}
        <Button onClick={() => location.reload()} w="fit-content">
          {t('reload')}
        </Button>
      </Stack>
    </Center>
  );
}

/** Loads the page again when the server is back: the browser has noted the parts that did not come as had. */
function useReload(missing: boolean): void {
  const online = useOnline();
  const away = useRef(false);
  useEffect(() => {
    if (missing) void connection.suspect();
  }, [missing]);
  useEffect(() => {
    if (missing && online && away.current) location.reload();
    away.current = !online;
  }, [missing, online]);
}
