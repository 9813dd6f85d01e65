/**
 * Comments around a dump that was made in many parts. Each run of the dump program ends its own part, so that a file which was put
 * together of them and then cut between two would otherwise look whole.
 */
export const BEGIN_MARK = ' Dump in sections';
export const END_MARK = ' Dump in sections complete';

export const partsBegin = `--\n--${BEGIN_MARK}\n--\n\n`;
export const partsEnd = `--\n--${END_MARK}\n--\n\n`;
