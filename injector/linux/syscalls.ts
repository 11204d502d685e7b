/**
 * Numbers of the system calls that faults are about, by architecture, and those that the injector makes itself or lets a
 * thread make. Source: arch/x86/entry/syscalls/syscall_64.tbl; include/uapi/asm-generic/unistd.h, which arm64 uses.
 */
const X64 = {
  write: 1,
  close: 3,
  mmap: 9,
  munmap: 11,
  pwrite64: 18,
  writev: 20,
  sendfile: 40,
  connect: 42,
  sendto: 44,
  sendmsg: 46,
  fsync: 74,
  fdatasync: 75,
  prctl: 157,
  splice: 275,
  sync_file_range: 277,
  pwritev: 296,
  syncfs: 306,
  sendmmsg: 307,
  seccomp: 317,
  memfd_create: 319,
  copy_file_range: 326,
  pwritev2: 328,
  pidfd_open: 434,
  pidfd_getfd: 438,
} as const;

export type SyscallName = keyof typeof X64;
type Table = Readonly<Record<SyscallName, number>>;

const ARM64: Table = {
  close: 57,
  write: 64,
  writev: 66,
  pwrite64: 68,
  pwritev: 70,
  sendfile: 71,
  splice: 76,
  fsync: 82,
  fdatasync: 83,
  sync_file_range: 84,
  prctl: 167,
  connect: 203,
  sendto: 206,
  sendmsg: 211,
  munmap: 215,
  mmap: 222,
  syncfs: 267,
  sendmmsg: 269,
  seccomp: 277,
  memfd_create: 279,
  copy_file_range: 285,
  pwritev2: 287,
  pidfd_open: 434,
  pidfd_getfd: 438,
};

export interface Architecture {
  readonly name: "x64" | "arm64";
  /** AUDIT_ARCH_* of include/uapi/linux/audit.h, as a filter sees it. */
  readonly audit: number;
  readonly numbers: Table;
}

export const ARCHITECTURES = {
  x64: { name: "x64", audit: 0xc000003e, numbers: X64 },
  arm64: { name: "arm64", audit: 0xc00000b7, numbers: ARM64 },
} as const satisfies Record<string, Architecture>;

/** The machine's own. Others than these two have no tables; the probe says so before anything is armed. */
export const ARCHITECTURE: Architecture = process.arch === "arm64" ? ARCHITECTURES.arm64 : ARCHITECTURES.x64;

export function isSyscallName(name: string): name is SyscallName {
  return Object.hasOwn(X64, name);
}

/** Names by number, for what a notification brings. */
export function namesByNumber(architecture: Architecture): ReadonlyMap<number, SyscallName> {
  const names = new Map<number, SyscallName>();
  for (const [name, number] of Object.entries(architecture.numbers)) if (isSyscallName(name)) names.set(number, name);
  return names;
}
