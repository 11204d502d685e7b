/** Guesses the name that was meant, as starlark-go does: edit distance without case and underscores, at most half wrong. */

export function nearest(name: string, candidates: Iterable<string>): string | undefined {
  const wanted = fold(name);
  let best: string | undefined;
  let bestDistance = (wanted.length + 1) >> 1;
  for (const candidate of candidates) {
    const distance = editDistance(wanted, fold(candidate), bestDistance);
    if (distance < bestDistance) {
      bestDistance = distance;
      best = candidate;
    }
  }
  return best;
}

/** " (did you mean x?)" or nothing; `prefix` stands before the guess. */
export function didYouMean(name: string, candidates: Iterable<string>, prefix = ""): string {
  const guess = nearest(name, candidates);
  return guess === undefined ? "" : ` (did you mean ${prefix}${guess}?)`;
}

function fold(name: string): string {
  return name.replaceAll("_", "").toLowerCase();
}

/** Levenshtein's distance with a single row; gives up, with a number above `limit`, as soon as that is certain. */
function editDistance(one: string, other: string, limit: number): number {
  let [x, y] = one.length > other.length ? [other, one] : [one, other];
  let common = 0;
  while (common < x.length && x[common] === y[common]) common++;
  x = x.slice(common);
  y = y.slice(common);
  if (x === "") return y.length;
  if (y.length - x.length > limit) return y.length - x.length;

  const row = Array.from({ length: y.length + 1 }, (_, j) => j);
  for (let i = 1; i <= x.length; i++) {
    let diagonal = i - 1;
    let least = i;
    row[0] = i;
    for (let j = 1; j <= y.length; j++) {
      const substituted = diagonal + (x[i - 1] === y[j - 1] ? 0 : 1);
      diagonal = row[j] ?? 0;
      const distance = Math.min(substituted, 1 + (row[j - 1] ?? 0), 1 + diagonal);
      row[j] = distance;
      least = Math.min(least, distance);
    }
    if (least > limit) return least;
  }
  return row[y.length] ?? 0;
}
