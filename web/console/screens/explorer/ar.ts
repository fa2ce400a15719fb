export const explorer = {
  title: 'المستكشف',
  note: 'ما تشغّله هنا حقيقي، وباسمك.',
};
