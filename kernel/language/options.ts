/** What a chunk of text may do beyond the core language: starlark-go's file options, one set for cells and one for files. */
export interface Options {
  /** The built-in function `set` exists. */
  readonly set: boolean;
  /** `while` loops are allowed. */
  readonly while: boolean;
  /** `if`, `for` and `while` may stand outside functions. */
  readonly topLevelControl: boolean;
  /** A global may be assigned more than once. */
  readonly globalReassign: boolean;
  /** Names bound by `load` become globals instead of being private to the file. */
  readonly loadBindsGlobally: boolean;
  /** A function may call itself, directly or through others. */
  readonly recursion: boolean;
}

/** A notebook's cell: names may be bound again, loaded names stay for later cells, control flow needs no function. */
export const CELL_OPTIONS: Options = {
  set: true,
  while: false,
  topLevelControl: true,
  globalReassign: true,
  loadBindsGlobally: true,
  recursion: false,
};

/** A file given to `load`: the strict language. */
export const FILE_OPTIONS: Options = {
  set: true,
  while: false,
  topLevelControl: false,
  globalReassign: false,
  loadBindsGlobally: false,
  recursion: false,
};
