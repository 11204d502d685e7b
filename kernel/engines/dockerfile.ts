/** The images that a Dockerfile starts from; nothing else of it is read here. */

/**
 * Names in FROM lines, without the file's own stages and `scratch`. A name made of build arguments takes their defaults; one
 * without a default is left out, and the builder says what it thinks of it.
 */
export function baseImages(dockerfile: string): readonly string[] {
  const defaults = new Map<string, string>();
  const stages = new Set<string>();
  const images = new Set<string>();
  for (const line of dockerfile.replace(/\\[ \t]*\r?\n/g, " ").split(/\r?\n/)) {
    const argument = /^\s*ARG\s+(\w+)=("[^"]*"|'[^']*'|\S*)/i.exec(line);
    if (argument?.[1] !== undefined) defaults.set(argument[1], (argument[2] ?? "").replace(/^(["'])(.*)\1$/, "$2"));

    const from = /^\s*FROM\s+(?:--\S+\s+)*(\S+)(?:\s+AS\s+(\S+))?/i.exec(line);
    if (from?.[1] === undefined) continue;
    const image = from[1].replace(/\$(?:\{(\w+)\}|(\w+))/g, (text, braced?: string, bare?: string) => {
      return defaults.get(braced ?? bare ?? "") ?? text;
    });
    if (!image.includes("$") && image !== "scratch" && !stages.has(image.toLowerCase())) images.add(image);
    if (from[2] !== undefined) stages.add(from[2].toLowerCase());
  }
  return [...images];
}
