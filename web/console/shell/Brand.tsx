import { Group, Text } from '@mantine/core';

/** The mark and the name. */
export function Brand() {
  return (
    <Group gap={10} wrap="nowrap">
      <img src="/console/icon.svg" alt="" width="26" height="26" />
      <Text component="span" fw={650} fz="1rem" lh={1} translate="no">
        Backchannel
      </Text>
    </Group>
  );
}
