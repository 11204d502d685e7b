/**
 * Keywords that a fault may use for system calls: each is a family of calls that do the same for a program, so that a rule
 * on `write` is not evaded by a service that calls pwrite64. Which of them apply to a file and which to a socket is decided
 * when a call is seen, since the number alone doesn't tell.
 */
const FAMILIES = {
  connect: ["connect"],
  write: ["write", "pwrite64", "writev", "pwritev", "pwritev2", "sendfile", "splice", "copy_file_range", "sendto", "sendmsg", "sendmmsg"],
  fsync: ["fsync", "fdatasync", "sync_file_range", "syncfs"],
} as const;

export type Keyword = keyof typeof FAMILIES;

export const KEYWORDS: readonly Keyword[] = Object.keys(FAMILIES) as Keyword[];

export function isKeyword(text: string): text is Keyword {
  return Object.hasOwn(FAMILIES, text);
}

/** The names of the system calls that a keyword covers. */
export function callsOf(keyword: Keyword): readonly string[] {
  return FAMILIES[keyword];
}
