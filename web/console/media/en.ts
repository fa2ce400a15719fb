/** Why a file is refused: a text for each reason that docs/api.md lists. */
export const media = {
  TOO_LARGE: 'The file is too large. At most {{megabytes}} MB are taken.',
  TOO_MANY_PIXELS: 'The picture has too many pixels. At most {{millions}} million are taken.',
  TYPE_NOT_SUPPORTED: 'Only .png, .jpg, .jpeg, .mp4, .avi, .mov and .flv files are taken.',
  TYPE_MISMATCH: 'By its content the file is {{found}}, and its name says something else. Rename a JPEG, PNG, MP4, MOV, AVI or FLV file; convert any other.',
  DAMAGED: 'The file cannot be used: it is damaged, or not what it seems.',
  CUT_OFF: 'The file cannot be used: it is cut off.',
  EMPTY: 'The file is empty.',
  NO_VIDEO: 'There is no video in the file.',
  STALLED: 'The file came no further for too long. Try again.',
  NOT_UPLOADED: 'No picture was uploaded under this name. Choose the picture itself instead.',
} as const;
