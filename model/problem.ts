/**
 * An error that a user can meet: a stable code, what was seen, and what to do next. Whose it is decides how it is shown:
 * `spec` is the author's text, `system` the services under test or the machine, `faultbook` ourselves. Ours is never
 * blamed on the user's system, nor theirs on us.
 */
export type Blame = "spec" | "system" | "faultbook";

export class Problem extends Error {
  override readonly name = "Problem";
  readonly code: string;
  readonly blame: Blame;
  /** What to do next, one or more lines; always there, since an error without it is a dead end. */
  readonly hint: string;

  constructor(code: string, blame: Blame, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.blame = blame;
    this.hint = hint;
  }
}
