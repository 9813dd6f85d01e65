/** The majors of PostgreSQL that this product supports, oldest first. */
export const SERVER_MAJORS = [13, 14, 15, 16, 17, 18] as const;

export type ServerMajor = (typeof SERVER_MAJORS)[number];

/** Narrows a number to a supported major. */
export function isServerMajor(value: number): value is ServerMajor {
  return SERVER_MAJORS.some((major) => major === value);
}
