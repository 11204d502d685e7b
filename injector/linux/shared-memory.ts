/**
 * Memory that several processes see: a memfd, mapped. It has no name in any file system, so nothing is left when the last
 * process that maps it ends. Source: memfd_create(2), mmap(2).
 */
import { ftruncateSync } from "node:fs";
import koffi from "koffi";
import { libc, systemError } from "./system-error.ts";

const memfdCreate: (name: string, flags: number) => number = libc.func("int memfd_create(const char *name, unsigned int flags)");
const mmap: (address: null, length: number, protection: number, flags: number, fd: number, offset: number) => unknown = libc.func(
  "void *mmap(void *address, size_t length, int protection, int flags, int fd, long offset)",
);

const MFD_CLOEXEC = 1;
const PROT_READ_WRITE = 3;
const MAP_SHARED = 1;
const MAP_FAILED = 0xffffffffffffffffn;

/** A new one, zeroed; the descriptor is closed on exec unless it is handed over. */
export function createSharedMemory(bytes: number): number {
  const fd = memfdCreate("faultbook", MFD_CLOEXEC);
  if (fd < 0) throw systemError(koffi.errno(), "memfd_create");
  ftruncateSync(fd, bytes);
  return fd;
}

/** Maps it for reading and writing, for as long as this process lives. */
export function mapSharedMemory(fd: number, bytes: number): ArrayBuffer {
  const address = mmap(null, bytes, PROT_READ_WRITE, MAP_SHARED, fd, 0);
  if (koffi.address(address) === MAP_FAILED) throw systemError(koffi.errno(), "map shared memory");
  return koffi.view(address, bytes);
}
