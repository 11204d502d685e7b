/**
 * The error numbers that a fault may name: Linux's number on x86-64 and arm64 (they agree for these), and the text that
 * strerror(3) gives, lower-cased, since the record keeps both (`deny(no space left on device)` and `ENOSPC`).
 * Source: errno(3), /usr/include/asm-generic/errno-base.h and errno.h.
 */
const TABLE = {
  EPERM: [1, "operation not permitted"],
  ENOENT: [2, "no such file or directory"],
  EINTR: [4, "interrupted system call"],
  EIO: [5, "input/output error"],
  EBADF: [9, "bad file descriptor"],
  EAGAIN: [11, "resource temporarily unavailable"],
  ENOMEM: [12, "cannot allocate memory"],
  EACCES: [13, "permission denied"],
  EBUSY: [16, "device or resource busy"],
  EEXIST: [17, "file exists"],
  ENODEV: [19, "no such device"],
  ENOTDIR: [20, "not a directory"],
  EISDIR: [21, "is a directory"],
  EINVAL: [22, "invalid argument"],
  ENFILE: [23, "too many open files in system"],
  EMFILE: [24, "too many open files"],
  EFBIG: [27, "file too large"],
  ENOSPC: [28, "no space left on device"],
  EROFS: [30, "read-only file system"],
  EPIPE: [32, "broken pipe"],
  ENAMETOOLONG: [36, "file name too long"],
  EADDRINUSE: [98, "address already in use"],
  EADDRNOTAVAIL: [99, "cannot assign requested address"],
  ENETDOWN: [100, "network is down"],
  ENETUNREACH: [101, "network is unreachable"],
  ECONNABORTED: [103, "software caused connection abort"],
  ECONNRESET: [104, "connection reset by peer"],
  ENOBUFS: [105, "no buffer space available"],
  ENOTCONN: [107, "transport endpoint is not connected"],
  ETIMEDOUT: [110, "connection timed out"],
  ECONNREFUSED: [111, "connection refused"],
  EHOSTUNREACH: [113, "no route to host"],
  EDQUOT: [122, "disk quota exceeded"],
} as const;

export type ErrnoName = keyof typeof TABLE;

export const ERRNO_NAMES: readonly ErrnoName[] = Object.keys(TABLE) as ErrnoName[];

/** Whether a text is the name of an error number, in capitals as errno(3) writes it. */
export function isErrnoName(text: string): text is ErrnoName {
  return Object.hasOwn(TABLE, text);
}

/** The positive error number. */
export function errnoNumber(name: ErrnoName): number {
  return TABLE[name][0];
}

/** The text of strerror(3) in lower case, as the decision of an event shows it. */
export function errnoText(name: ErrnoName): string {
  return TABLE[name][1];
}
