/**
 * What a .dockerignore leaves out of a build's context: patterns as Go's filepath.Match with `**`, read top to bottom, the last
 * one that matches decides, `!` takes back. A pattern that matches a directory covers everything below it.
 * Source: docs.docker.com/build/concepts/context, "dockerignore files"; moby/patternmatcher.
 */

interface Pattern {
  readonly expression: RegExp;
  readonly takesBack: boolean;
}

export interface Ignore {
  /** Whether a path, relative with `/`, is left out. */
  excludes(path: string): boolean;
  /** Whether everything below an excluded directory is left out too: no later `!` can take anything back. */
  readonly wholeDirectories: boolean;
}

export function parseIgnore(text: string): Ignore {
  const patterns: Pattern[] = [];
  for (const line of text.replace(/^\uFEFF/, "").split(/\r?\n/)) {
    if (line.startsWith("#")) continue;
    const trimmed = line.trim();
    const takesBack = trimmed.startsWith("!");
    const pattern = cleaned(takesBack ? trimmed.slice(1).trim() : trimmed);
    if (pattern !== "") patterns.push({ expression: compile(pattern), takesBack });
  }
  return {
    wholeDirectories: patterns.every((pattern) => !pattern.takesBack),
    excludes(path) {
      let excluded = false;
      for (const { expression, takesBack } of patterns) if (excluded === takesBack && expression.test(path)) excluded = !takesBack;
      return excluded;
    },
  };
}

/** Go's filepath.Clean, as far as patterns need it; a leading slash means the context's root, which every pattern starts at. */
function cleaned(pattern: string): string {
  const parts: string[] = [];
  for (const part of pattern.split("/")) {
    if (part === "" || part === ".") continue;
    if (part === "..") parts.pop();
    else parts.push(part);
  }
  return parts.join("/");
}

function compile(pattern: string): RegExp {
  let source = "";
  for (let at = 0; at < pattern.length; at++) {
    const char = pattern.charAt(at);
    if (char === "*") {
      if (pattern.charAt(at + 1) !== "*") source += "[^/]*";
      else {
        at++;
        if (pattern.charAt(at + 1) === "/") {
          at++;
          source += "(?:.*/)?";
        } else source += ".*";
      }
    } else if (char === "?") source += "[^/]";
    else if (char === "[") {
      const close = pattern.indexOf("]", at + 2);
      if (close < 0) source += "\\[";
      else {
        source += `[${pattern.slice(at + 1, close).replace(/[\\[\]]/g, "\\$&")}]`;
        at = close;
      }
    } else if (char === "\\" && at + 1 < pattern.length) source += escaped(pattern.charAt(++at));
    else source += escaped(char);
  }
  return new RegExp(`^${source}(?:/.*)?$`, "su");
}

function escaped(char: string): string {
  return /[\\^$.*+?()[\]{}|/-]/.test(char) ? `\\${char}` : char;
}
