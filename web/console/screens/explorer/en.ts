export const explorer = {
  title: 'Explorer',
  note: 'What you run here is real, in your name.',
} as const;
