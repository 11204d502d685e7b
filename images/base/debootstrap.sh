#!/bin/sh
# Writes the root file system of the base image to standard output as a tar: Debian 12 from its packages, no registry needed.
# usage: debootstrap.sh MIRROR      as root, with debootstrap; takes half a minute and 500 MB of memory for as long
#
# It works on a tmpfs, since dpkg's fsyncs are most of the time on a disk, in a mount namespace of its own, so that nothing
# stays mounted however this ends.
set -eu
recipe=$(cd "$(dirname "$0")" && pwd)
mirror=$1
[ "${2-}" = unshared ] || exec unshare --mount --propagation private sh "$0" "$mirror" unshared

dir=$(mktemp -d)
trap 'umount -R "$dir" 2>/dev/null || umount -l "$dir"; rmdir "$dir"' EXIT
trap 'exit 1' INT TERM HUP
mount -t tmpfs -o size=1g,mode=755 tmpfs "$dir"
root=$dir/root
debootstrap --variant=minbase bookworm "$root" "$mirror" >"$dir/log" 2>&1 || { tail -n 20 "$dir/log" >&2; exit 1; }

cp "$recipe/dpkg.cfg" "$root/etc/dpkg/dpkg.cfg.d/faultbook"
cp "$recipe/apt.conf" "$root/etc/apt/apt.conf.d/faultbook"
install -m 755 "$recipe/policy-rc.d" "$root/usr/sbin/policy-rc.d"
# What dpkg.cfg leaves out from now on, debootstrap has put there already.
rm -rf "$root"/usr/share/man/* "$root"/usr/share/locale/* "$root"/usr/share/info/* "$root"/var/cache/apt/*.bin "$root"/var/cache/apt/archives/*.deb
find "$root/usr/share/doc" ! -name copyright ! -type d -delete
printf 'deb %s bookworm main\n' "$mirror" >"$root/etc/apt/sources.list"
# The package lists stay, so that no later build has to fetch them.
rm -rf "$root"/var/lib/apt/lists/*
chroot "$root" apt-get update -q >"$dir/log" 2>&1 || { tail -n 20 "$dir/log" >&2; exit 1; }
rm -f "$root/etc/resolv.conf" "$root/etc/hostname"
umount "$root/proc" "$root/sys" 2>/dev/null || true
tar -C "$root" --numeric-owner --one-file-system -c .
