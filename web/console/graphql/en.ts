export const errors = {
  title: 'That did not work',
  NETWORK: 'The server did not answer. A change you made may have arrived or not; to try again cannot do it twice.',
  UNAUTHORIZED: 'Your sign-in does not allow this.',
  UNAVAILABLE: 'The service cannot answer right now. It is safe to try again.',
  RATE_LIMITED: 'Too many requests at once. Wait a moment and try again.',
  CONFLICT: 'Somebody changed this meanwhile. Look at it again and repeat your change.',
  INTERNAL: 'Something went wrong on the server. Give the request id to your operator.',
  requestId: 'Request id {{id}}',
  retry: 'Try again',
} as const;
