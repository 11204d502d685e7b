/** What a cell's reply says about what it ran: `metadata.faultbook`, checked, since it may have come through another program. */
import { didYouMean } from "../model/nearest.ts";
import type { Json } from "../model/json.ts";
import type { MatrixRecord, Verdict } from "../model/verdict.ts";
import { VERDICTS } from "../model/verdict.ts";

export interface NamedVerdict {
  readonly name: string;
  readonly verdict: Verdict;
}

function member(value: Json | undefined, key: string): Json | undefined {
  if (value === null || typeof value !== "object" || !isObject(value)) return undefined;
  return value[key];
}

function isObject(value: Json): value is { readonly [key: string]: Json } {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function list(value: Json | undefined): readonly Json[] {
  return isList(value) ? value : [];
}

function isList(value: Json | undefined): value is readonly Json[] {
  return Array.isArray(value);
}

export function isVerdict(value: Json | undefined): value is Verdict {
  return VERDICTS.some((verdict) => verdict === value);
}

/** The verdicts of a reply's metadata, in the order they came. */
export function verdictsOf(metadata: Json): readonly NamedVerdict[] {
  return list(member(member(metadata, "faultbook"), "verdicts")).flatMap((entry) => {
    const [name, verdict] = [member(entry, "name"), member(entry, "verdict")];
    return typeof name === "string" && isVerdict(verdict) ? [{ name, verdict }] : [];
  });
}

/** The matrices of a reply's metadata. */
export function matricesOf(metadata: Json): readonly MatrixRecord[] {
  const found: readonly unknown[] = list(member(member(metadata, "faultbook"), "matrices"));
  return found.filter(isMatrix);
}

/** The outline is checked; what is inside a cell is as the same build's session wrote it. */
function isMatrix(value: unknown): value is MatrixRecord {
  if (typeof value !== "object" || value === null || !("cells" in value) || !Array.isArray(value.cells)) return false;
  return value.cells.every((cell: unknown) => typeof cell === "object" && cell !== null && "hits" in cell && Array.isArray(cell.hits));
}

/** The verdicts that a notebook records as those it should come to: `metadata.faultbook.expected_verdicts`. */
export function expectedVerdicts(notebookMetadata: Json): ReadonlyMap<string, Verdict> {
  const expected = member(member(notebookMetadata, "faultbook"), "expected_verdicts") ?? {};
  const entries = isObject(expected) ? Object.entries(expected) : [];
  return new Map(entries.flatMap(([name, verdict]) => (isVerdict(verdict) ? [[name, verdict]] : [])));
}

/** A line for each difference; none when all is as expected. */
export function differences(expected: ReadonlyMap<string, Verdict>, found: readonly NamedVerdict[]): readonly string[] {
  const last = new Map(found.map(({ name, verdict }) => [name, verdict]));
  const lines = [...expected]
    .filter(([name, verdict]) => last.get(name) !== verdict)
    .map(([name, verdict]) => `${name}: expected ${verdict}, found ${last.get(name) ?? `no such run${didYouMean(name, last.keys())}`}`);
  const unexpected = [...last]
    .filter(([name]) => !expected.has(name))
    .map(([name, verdict]) => `${name}: ${verdict}, and the notebook records nothing`);
  return [...lines, ...unexpected];
}

/** "4 passed, 1 bypassed", in the order of severity that VERDICTS has. */
export function summary(verdicts: readonly NamedVerdict[]): string {
  const counts = VERDICTS.map((verdict) => [verdict, verdicts.filter((one) => one.verdict === verdict).length] as const);
  const parts = counts.filter(([, count]) => count > 0).map(([verdict, count]) => `${count} ${verdict}`);
  return parts.length === 0 ? "nothing was tested" : parts.join(", ");
}
