/**
 * The check of names: binds every use of a name to its variable, prepares functions to run, marks what can be evaluated at
 * once, and collects all errors. The rules and their messages are starlark-go's resolver's.
 */
import { diagnostic, StarlarkError } from "./errors.ts";
import type { Diagnostic } from "./errors.ts";
import type { Module } from "./module.ts";
import type { Options } from "./options.ts";
import type { Binding, FunctionCode } from "./scope.ts";
import type { Source } from "./source.ts";
import { didYouMean } from "./spell.ts";
import type { Argument, Call, Comprehension, Expression, Lambda, Name, Parameter, Statement } from "./tree.ts";
import type { Value } from "./value.ts";

const DOESNT = "this Starlark dialect does not ";
const ARGUMENTS_MAX = 255;

/** Names known without being bound in the text: those of the host first, then those of every module. */
export interface Environment {
  readonly module: Module;
  readonly predeclared: ReadonlyMap<string, Value>;
  readonly universe: ReadonlyMap<string, Value>;
  readonly options: Options;
}

/** Resolves a whole text into a function without parameters. Throws a StarlarkError of kind `resolve` holding all errors. */
export function resolve(source: Source, statements: readonly Statement[], environment: Environment): FunctionCode {
  return new Resolver(source, environment).toplevel(statements);
}

interface Use {
  readonly id: Name;
  readonly block: Block;
}

/** A function under resolution: where its locals and free cells are counted. */
interface Scratch {
  locals: Binding[];
  free: Binding[];
}

/** A lexical block: the file, a function or a comprehension. Only file and function are containers of locals and uses. */
interface Block {
  readonly parent: Block | undefined;
  readonly kind: "file" | "function" | "comprehension";
  readonly scratch: Scratch;
  readonly bindings: Map<string, Binding>;
  readonly children: Block[];
  uses: Use[];
  /** Called when all names are bound: counts cells and free variables. */
  finish: (() => void) | undefined;
}

class Resolver {
  readonly #source: Source;
  readonly #environment: Environment;
  readonly #file: Block;
  #block: Block;
  /** Globals of this text, bound or used. */
  readonly #globals = new Map<string, Binding>();
  readonly #bound = new Set<string>();
  readonly #constants = new Map<string, Binding>();
  readonly #errors: { at: number; diagnostic: Diagnostic }[] = [];
  #loops = 0;
  #conditionals = 0;

  constructor(source: Source, environment: Environment) {
    this.#source = source;
    this.#environment = environment;
    this.#file = block("file", undefined, { locals: [], free: [] });
    this.#block = this.#file;
  }

  toplevel(statements: readonly Statement[]): FunctionCode {
    this.#statements(statements);
    this.#resolveLocalUses(this.#file);
    this.#resolveOuterUses(this.#file);
    if (this.#errors.length > 0) {
      const inOrder = this.#errors.toSorted((a, b) => a.at - b.at);
      throw new StarlarkError(
        "resolve",
        inOrder.map((error) => error.diagnostic),
      );
    }
    finishAll(this.#file);
    const code: FunctionCode = {
      ...this.#code("<toplevel>", statements[0]?.start ?? 0, [], { kind: "block", statements }),
      locals: this.#file.scratch.locals.length,
      cells: countCells(this.#file.scratch.locals),
    };
    markBlock(statements);
    return code;
  }

  // Names

  /** Binds a name in the present block; says whether it was bound there before. */
  #bind(id: Name): boolean {
    if (this.#block !== this.#file) return this.#bindLocal(id);
    const existing = this.#file.bindings.get(id.name) ?? this.#globals.get(id.name);
    const known = existing !== undefined && (existing.scope !== "global" || this.#bound.has(id.name));
    const binding = existing ?? this.#global(id);
    this.#bound.add(id.name);
    if (known && !this.#environment.options.globalReassign) {
      const first = this.#source.position(binding.first?.start ?? 0);
      const place = `${first.file}:${first.line}:${first.column}`;
      this.#error(id.start, `cannot reassign ${binding.scope} ${id.name} declared at ${place}`);
    }
    id.binding = binding;
    return known;
  }

  #global(id: Name): Binding {
    const binding = makeBinding("global", id.name, 0, { first: id, slot: this.#environment.module.globals.slot(id.name) });
    this.#globals.set(id.name, binding);
    return binding;
  }

  #bindLocal(id: Name): boolean {
    const known = this.#block.bindings.has(id.name);
    if (!known) {
      const { locals } = this.#block.scratch;
      const binding = makeBinding("local", id.name, locals.length, { first: id });
      this.#block.bindings.set(id.name, binding);
      locals.push(binding);
    }
    this.#use(id);
    return known;
  }

  /** Notes a use; it is bound when its block has been seen to the end, since a name bound later in a block counts for all of it. */
  #use(id: Name): void {
    const use = { id, block: this.#block };
    // With rebinding, a use at top level means what the name means at that point: print(len); len = 1
    if (this.#environment.options.globalReassign && this.#block === this.#file) this.#useAtTopLevel(use);
    else container(this.#block).uses.push(use);
  }

  #useAtTopLevel({ id, block: from }: Use): Binding {
    const { module, predeclared, universe, options } = this.#environment;
    const name = id.name;
    let binding = this.#file.bindings.get(name) ?? this.#globals.get(name);
    binding ??= module.globals.has(name) ? this.#global(id) : this.#constants.get(name);
    if (binding === undefined) {
      const value = predeclared.has(name) ? predeclared.get(name) : universe.get(name);
      if (value !== undefined) {
        if (name === "set" && !options.set && !predeclared.has(name)) this.#error(id.start, `${DOESNT}support sets`);
        binding = makeBinding("constant", name, 0, { value });
        this.#constants.set(name, binding);
      } else {
        binding = makeBinding("undefined", name, 0, {});
        this.#error(id.start, `undefined: ${name}${didYouMean(name, this.#visibleNames(from))}`);
      }
    }
    id.binding = binding;
    return binding;
  }

  #visibleNames(from: Block): string[] {
    const names = [...this.#bound, ...this.#environment.module.globals.keys()];
    for (let b: Block | undefined = from; b !== undefined; b = b.parent) names.push(...b.bindings.keys());
    names.push(...this.#environment.predeclared.keys(), ...this.#environment.universe.keys());
    return [...new Set(names)].sort();
  }

  /** At the end of a container: binds what is local to it, keeps the rest. */
  #resolveLocalUses(owner: Block): void {
    owner.uses = owner.uses.filter((use) => {
      const binding = lookupLocal(use);
      if (binding === undefined) return true;
      use.id.binding = binding;
      return false;
    });
  }

  /** At the end of the text: binds the uses that refer to outer blocks, innermost blocks first. */
  #resolveOuterUses(owner: Block): void {
    for (const child of owner.children) this.#resolveOuterUses(child);
    for (const use of owner.uses) use.id.binding = this.#lookupLexical(use, use.block);
  }

  #lookupLexical(use: Use, from: Block): Binding {
    if (from === this.#file || from.parent === undefined) return this.#useAtTopLevel(use);
    const known = from.bindings.get(use.id.name);
    if (known !== undefined) return known;
    let binding = this.#lookupLexical(use, from.parent);
    if (from.kind === "function" && (binding.scope === "local" || binding.scope === "cell" || binding.scope === "free")) {
      // The variable of an outer function becomes a cell that this one holds too.
      if (binding.scope === "local") binding.scope = "cell";
      const { free } = from.scratch;
      free.push(binding);
      binding = makeBinding("free", use.id.name, free.length - 1, { first: binding.first });
    }
    from.bindings.set(use.id.name, binding);
    return binding;
  }

  // Statements

  #statements(statements: readonly Statement[]): void {
    for (const statement of statements) this.#statement(statement);
  }

  #statement(statement: Statement): void {
    switch (statement.kind) {
      case "expression":
        this.#expression(statement.expression);
        break;
      case "branch":
        if (this.#loops === 0 && statement.word !== "pass") this.#error(statement.start, `${statement.word} not in a loop`);
        break;
      case "if":
        this.#control(statement.start, "if statement");
        for (const { condition, body } of statement.arms) {
          this.#expression(condition);
          this.#conditionals++;
          this.#statements(body);
          this.#conditionals--;
        }
        this.#conditionals++;
        this.#statements(statement.otherwise);
        this.#conditionals--;
        break;
      case "assign":
        this.#expression(statement.value);
        this.#target(statement.target, false);
        break;
      case "augment":
        this.#expression(statement.value);
        this.#target(statement.target, true);
        break;
      case "def":
        this.#bind(statement.name);
        statement.code = this.#function(statement.name.name, statement.start, statement.parameters, {
          kind: "block",
          statements: statement.body,
        });
        break;
      case "for":
        this.#control(statement.start, "for loop");
        this.#expression(statement.iterable);
        this.#target(statement.targets, false);
        this.#loop(statement.body);
        break;
      case "while":
        if (!this.#environment.options.while) this.#error(statement.start, `${DOESNT}support while loops`);
        this.#control(statement.start, "while loop");
        this.#expression(statement.condition);
        this.#loop(statement.body);
        break;
      case "return":
        if (container(this.#block).kind === "file") this.#error(statement.start, "return statement not within a function");
        if (statement.value !== undefined) this.#expression(statement.value);
        break;
      case "load":
        this.#load(statement);
        break;
    }
  }

  #loop(body: readonly Statement[]): void {
    this.#loops++;
    this.#statements(body);
    this.#loops--;
  }

  #control(at: number, what: string): void {
    if (this.#environment.options.topLevelControl || container(this.#block).kind === "function") return;
    this.#error(at, `${what} not within a function`);
  }

  #load(statement: Extract<Statement, { kind: "load" }>): void {
    if (container(this.#block).kind === "function") this.#error(statement.start, "load statement within a function");
    else if (this.#loops > 0) this.#error(statement.start, "load statement within a loop");
    else if (this.#conditionals > 0) this.#error(statement.start, "load statement within a conditional");

    const { loadBindsGlobally, globalReassign } = this.#environment.options;
    for (const { local, name, nameStart } of statement.bindings) {
      if (name === "") {
        this.#error(nameStart, "load: empty identifier");
        continue;
      }
      if (name.startsWith("_")) this.#error(nameStart, `load: names with leading underscores are not exported: ${name}`);
      if (loadBindsGlobally) this.#bind(local);
      else if (this.#bindLocal(local) && !globalReassign) this.#error(local.start, `cannot reassign top-level ${local.name}`);
    }
  }

  #target(target: Expression, augmented: boolean): void {
    switch (target.kind) {
      case "name":
        this.#bind(target);
        break;
      case "index":
        this.#expression(target.object);
        this.#expression(target.index);
        break;
      case "dot":
        this.#expression(target.object);
        break;
      case "tuple":
      case "list":
        if (augmented) this.#error(target.start, `can't use ${target.kind} expression in augmented assignment`);
        for (const item of target.items) this.#target(item, augmented);
        break;
      default:
        this.#error(target.start, `can't assign to ${GO_NAMES[target.kind]}`);
    }
    markExpression(target);
  }

  // Expressions

  #expression(e: Expression): void {
    switch (e.kind) {
      case "name":
        this.#use(e);
        break;
      case "literal":
        break;
      case "list":
      case "tuple":
        for (const item of e.items) this.#expression(item);
        break;
      case "dict":
        for (const { key, value } of e.entries) {
          this.#expression(key);
          this.#expression(value);
        }
        break;
      case "comprehension":
        this.#comprehension(e);
        break;
      case "unary":
        this.#expression(e.operand);
        break;
      case "binary":
      case "logical":
        this.#operands(e);
        break;
      case "conditional":
        this.#expression(e.condition);
        this.#expression(e.then);
        this.#expression(e.otherwise);
        break;
      case "index":
        this.#expression(e.object);
        this.#expression(e.index);
        break;
      case "slice":
        for (const part of [e.object, e.low, e.high, e.step]) if (part !== undefined) this.#expression(part);
        break;
      case "dot":
        this.#expression(e.object);
        break;
      case "call":
        this.#expression(e.callee);
        this.#arguments(e);
        break;
      case "lambda":
        e.code = this.#function("lambda", e.start, e.parameters, { kind: "value", expression: e.body });
        break;
    }
    markExpression(e);
  }

  /** Long chains like a + b + c … lean to the left; walking down in a loop keeps them off the engine's stack. */
  #operands(e: Extract<Expression, { left: Expression }>): void {
    const chain = [e];
    let { left } = e;
    while (left.kind === "binary" || left.kind === "logical") {
      chain.push(left);
      left = left.left;
    }
    this.#expression(left);
    for (const link of chain.reverse()) {
      this.#expression(link.right);
      markExpression(link);
    }
  }

  #comprehension(e: Comprehension): void {
    // The first iterable belongs to the outer block: [x for x in x].
    const [first, ...more] = e.clauses;
    this.#expression(first.iterable);
    const outer = this.#block;
    this.#block = block("comprehension", outer, outer.scratch);
    this.#target(first.targets, false);
    for (const clause of more) {
      if (clause.kind === "if") this.#expression(clause.condition);
      else {
        this.#target(clause.targets, false);
        this.#expression(clause.iterable);
      }
    }
    if (e.body.kind === "entry") this.#expression(e.body.key);
    this.#expression(e.body.value);
    this.#block = outer;
  }

  #arguments(call: Call): void {
    let rest = false;
    let extra = false;
    const named = new Set<string>();
    for (const argument of call.arguments) {
      const { kind, start } = argument;
      switch (kind) {
        case "**":
          if (extra) this.#error(start, "multiple **kwargs not allowed");
          extra = true;
          break;
        case "*":
          if (extra) this.#error(start, "*args may not follow **kwargs");
          else if (rest) this.#error(start, "multiple *args not allowed");
          rest = true;
          break;
        case "named":
          if (extra) this.#error(start, "keyword argument may not follow **kwargs");
          else if (rest) this.#error(start, "keyword argument may not follow *args");
          if (named.has(argument.name)) this.#error(start, `keyword argument "${argument.name}" is repeated`);
          named.add(argument.name);
          break;
        case "positional":
          if (rest) this.#error(start, "positional argument may not follow *args");
          else if (extra) this.#error(start, "positional argument may not follow **kwargs");
          else if (named.size > 0) this.#error(start, "positional argument may not follow named");
          break;
      }
      this.#expression(argument.value);
    }
    this.#limitArguments(call, "positional");
    this.#limitArguments(call, "named");
  }

  #limitArguments(call: Call, kind: Argument["kind"]): void {
    const count = call.arguments.filter((argument) => argument.kind === kind).length;
    if (count > ARGUMENTS_MAX) {
      this.#error(call.start, `${count} ${kind === "named" ? "keyword" : kind} arguments in call, limit is ${ARGUMENTS_MAX}`);
    }
  }

  #function(name: string, start: number, parameters: readonly Parameter[], body: FunctionCode["body"]): FunctionCode {
    for (const parameter of parameters) if (parameter.default !== undefined) this.#expression(parameter.default);

    const outer = this.#block;
    const outerLoops = this.#loops;
    this.#loops = 0;
    const scratch: Scratch = { locals: [], free: [] };
    const own = block("function", outer, scratch);
    this.#block = own;
    const code = this.#code(name, start, parameters, body);
    if (body.kind === "block") this.#statements(body.statements);
    else this.#expression(body.expression);
    this.#resolveLocalUses(own);
    this.#block = outer;
    this.#loops = outerLoops;

    code.atOnce = body.kind === "value" ? body.expression.atOnce : markBlock(body.statements);
    own.finish = () => {
      code.locals = scratch.locals.length;
      code.cells = countCells(scratch.locals);
      code.free = scratch.free;
      const count = code.names.length + Number(code.hasRest) + Number(code.hasExtra);
      code.cellParameters = scratch.locals.slice(0, count).filter(({ scope }) => scope === "cell");
    };
    return code;
  }

  /** Checks and binds parameters: ordinary ones first, then `*args`, then `**kwargs`. */
  #code(name: string, start: number, parameters: readonly Parameter[], body: FunctionCode["body"]): FunctionCode {
    let seenOptional = false;
    let star: Parameter | undefined;
    let starStar: Parameter | undefined;
    let keywordOnly = 0;
    const names: string[] = [];
    for (const parameter of parameters) {
      const { kind, name: id, start: at } = parameter;
      if (kind === "plain" && id !== undefined) {
        const optional = parameter.default !== undefined;
        const what = optional ? "optional" : "required";
        if (starStar !== undefined) this.#error(at, `${what} parameter may not follow **${starStar.name?.name ?? ""}`);
        else if (star !== undefined) keywordOnly++;
        else if (!optional && seenOptional) this.#error(at, "required parameter may not follow optional");
        this.#parameter(id);
        names.push(id.name);
        seenOptional ||= optional;
      } else if (kind === "*") {
        if (starStar !== undefined) this.#error(at, `* parameter may not follow **${starStar.name?.name ?? ""}`);
        else if (star !== undefined) this.#error(at, "multiple * parameters not allowed");
        else star = parameter;
      } else if (kind === "**") {
        if (starStar !== undefined) this.#error(at, "multiple ** parameters not allowed");
        starStar = parameter;
      }
    }
    if (star?.name !== undefined) this.#parameter(star.name);
    else if (star !== undefined && keywordOnly === 0) this.#error(star.start, "bare * must be followed by keyword-only parameters");
    if (starStar?.name !== undefined) this.#parameter(starStar.name);

    return {
      name,
      source: this.#source,
      start,
      parameters,
      names,
      keywordOnly,
      hasRest: star?.name !== undefined,
      hasExtra: starStar !== undefined,
      doc: docOf(body),
      body,
      recursion: this.#environment.options.recursion,
      atOnce: false,
      locals: 0,
      cells: 0,
      cellParameters: [],
      free: [],
    };
  }

  #parameter(id: Name): void {
    if (this.#bind(id)) this.#error(id.start, `duplicate parameter: ${id.name}`);
  }

  #error(at: number, message: string): void {
    this.#errors.push({ at, diagnostic: diagnostic(this.#source, at, message) });
  }
}

/** What starlark-go calls the expressions that can't be assigned to. */
const GO_NAMES: Readonly<Record<Exclude<Expression["kind"], "name" | "index" | "dot" | "tuple" | "list">, string>> = {
  literal: "literal",
  dict: "dictexpr",
  comprehension: "comprehension",
  unary: "unaryexpr",
  binary: "binaryexpr",
  logical: "binaryexpr",
  conditional: "condexpr",
  slice: "sliceexpr",
  call: "callexpr",
  lambda: "lambdaexpr",
};

function block(kind: Block["kind"], parent: Block | undefined, scratch: Scratch): Block {
  const made: Block = { kind, parent, scratch, bindings: new Map(), children: [], uses: [], finish: undefined };
  parent?.children.push(made);
  return made;
}

function makeBinding(
  scope: Binding["scope"],
  name: string,
  index: number,
  rest: Partial<Pick<Binding, "first" | "slot" | "value">>,
): Binding {
  return { scope, name, index, cell: 0, first: rest.first, slot: rest.slot, value: rest.value };
}

/** The innermost function or file around a block. */
function container(inner: Block): Block {
  let b = inner;
  while (b.kind === "comprehension" && b.parent !== undefined) b = b.parent;
  return b;
}

/** The variable that a use means within its own function. */
function lookupLocal({ id, block: from }: Use): Binding | undefined {
  for (let b: Block | undefined = from; b !== undefined; b = b.parent) {
    const binding = b.bindings.get(id.name);
    if (binding !== undefined) return binding;
    if (b.kind === "function") break;
  }
  return undefined;
}

function finishAll(owner: Block): void {
  for (const child of owner.children) finishAll(child);
  owner.finish?.();
}

/** Gives each cell among the locals its place. */
function countCells(locals: readonly Binding[]): number {
  let cells = 0;
  for (const binding of locals) if (binding.scope === "cell") binding.cell = cells++;
  return cells;
}

function docOf(body: FunctionCode["body"]): string | undefined {
  const first = body.kind === "block" ? body.statements[0] : undefined;
  if (first?.kind !== "expression" || first.expression.kind !== "literal") return undefined;
  return typeof first.expression.value === "string" ? first.expression.value : undefined;
}

/** Marks an expression whose parts are marked already. */
function markExpression(e: Expression): void {
  switch (e.kind) {
    case "name":
    case "literal":
      e.atOnce = true;
      break;
    case "list":
    case "tuple":
      e.atOnce = e.items.every((item) => item.atOnce);
      break;
    case "dict":
      e.atOnce = e.entries.every(({ key, value }) => key.atOnce && value.atOnce);
      break;
    case "comprehension":
      e.atOnce = false;
      break;
    case "unary":
      e.atOnce = e.operand.atOnce;
      break;
    case "binary":
    case "logical":
      e.atOnce = e.left.atOnce && e.right.atOnce;
      break;
    case "conditional":
      e.atOnce = e.condition.atOnce && e.then.atOnce && e.otherwise.atOnce;
      break;
    case "index":
      e.atOnce = e.object.atOnce && e.index.atOnce;
      break;
    case "slice":
      e.atOnce = [e.object, e.low, e.high, e.step].every((part) => part?.atOnce ?? true);
      break;
    case "dot":
      e.atOnce = e.object.atOnce;
      break;
    case "call": {
      const callee = e.callee.kind === "dot" ? e.callee.object : e.callee;
      e.operandsAtOnce = callee.atOnce && e.arguments.every(({ value }) => value.atOnce);
      e.atOnce = false;
      break;
    }
    case "lambda":
      e.atOnce = defaultsAtOnce(e.parameters);
      break;
  }
}

function defaultsAtOnce(parameters: Lambda["parameters"]): boolean {
  return parameters.every((parameter) => parameter.default?.atOnce ?? true);
}

/** Marks statements, inner ones first; says whether all of them are at once. */
function markBlock(statements: readonly Statement[]): boolean {
  let all = true;
  for (const statement of statements) {
    statement.atOnce = markStatement(statement);
    all &&= statement.atOnce;
  }
  return all;
}

function markStatement(statement: Statement): boolean {
  switch (statement.kind) {
    case "expression":
      return statement.expression.atOnce;
    case "branch":
      return true;
    case "if": {
      const arms = statement.arms.map(({ condition, body }) => markBlock(body) && condition.atOnce);
      return markBlock(statement.otherwise) && arms.every(Boolean);
    }
    case "for":
      statement.bodyAtOnce = markBlock(statement.body);
      return false;
    case "while":
      markBlock(statement.body);
      return false;
    case "assign":
    case "augment":
      return statement.target.atOnce && statement.value.atOnce;
    case "def":
      // The body was marked with its function.
      return defaultsAtOnce(statement.parameters);
    case "return":
      return statement.value?.atOnce ?? true;
    case "load":
      return false;
  }
}
