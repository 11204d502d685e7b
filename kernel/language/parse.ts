/**
 * From tokens to the tree: recursive descent with precedence climbing. Accepts a little more than the language, as
 * starlark-go does; what is well-formed but wrong is the resolver's business. Stops at the first error.
 */
import { isStackOverflow, syntaxError } from "./errors.ts";
import { Scanner } from "./scan.ts";
import { UNRESOLVED } from "./scope.ts";
import type { Source } from "./source.ts";
import type { Token, TokenKind } from "./token.ts";
import { describe } from "./token.ts";
import type {
  Argument,
  ArithmeticOperator,
  BinaryOperator,
  Comprehension,
  DictEntry,
  Expression,
  ForClause,
  If,
  IfClause,
  Load,
  Name,
  Parameter,
  Statement,
} from "./tree.ts";
import { Bytes } from "./values/bytes.ts";
import { Float } from "./values/float.ts";

const COMPARISON = 3;

/** Operators by how loosely they bind; `not` stands alone on its level, comparisons do not associate. */
const LEVELS: readonly (readonly TokenKind[])[] = [
  ["or"],
  ["and"],
  ["not"],
  ["==", "!=", "<", ">", "<=", ">=", "in", "not in"],
  ["|"],
  ["^"],
  ["&"],
  ["<<", ">>"],
  ["-", "+"],
  ["*", "%", "/", "//"],
];
const PRECEDENCE: ReadonlyMap<TokenKind, number> = new Map(LEVELS.flatMap((kinds, level) => kinds.map((kind) => [kind, level] as const)));

const AUGMENTED: ReadonlyMap<TokenKind, ArithmeticOperator> = new Map([
  ["+=", "+"],
  ["-=", "-"],
  ["*=", "*"],
  ["/=", "/"],
  ["//=", "//"],
  ["%=", "%"],
  ["&=", "&"],
  ["|=", "|"],
  ["^=", "^"],
  ["<<=", "<<"],
  [">>=", ">>"],
]);

const ENDS_LIST: ReadonlySet<TokenKind> = new Set(["end of file", "newline", "=", "}", "]", ")", ";"]);

/** What to do instead, for what people bring along from Python. */
const HINTS: ReadonlyMap<TokenKind, string> = new Map([
  ["class", "there are no classes: use struct(...) for data and functions for behaviour"],
  ["import", 'use load("file.star", "name")'],
  ["from", 'use load("file.star", "name")'],
  ["try", "there are no exceptions to catch: an error ends the cell; check before, or return a value that says so"],
  ["except", "there are no exceptions to catch"],
  ["finally", "there are no exceptions to catch"],
  ["raise", 'use fail("message")'],
  ["with", "there are no context managers: pass a function, as in fault(..., run = f)"],
  ["yield", "there are no generators: return a list"],
  ["is", "use =="],
  ["del", "use x.pop(key)"],
  ["global", "a function can not assign to a global: return the value, or change a list or dict"],
  ["nonlocal", "a function can not assign to an outer variable: return the value, or change a list or dict"],
  ["async", "calls wait for their result by themselves"],
  ["await", "calls wait for their result by themselves"],
  ["**", 'there is no power operator: use pow from load("math", "math"), or multiply'],
]);

// Each nested expression or block costs the engine's stack; the limit keeps it far from its end.
const NESTING_MAX = 160;

/** The tree of a whole text. Throws a StarlarkError of kind `syntax`. */
export function parse(source: Source): Statement[] {
  return new Parser(source).file();
}

export class Parser {
  readonly #source: Source;
  readonly #scanner: Scanner;
  #token: Token;
  #previous: Token;
  #nesting = 0;

  constructor(source: Source) {
    this.#source = source;
    this.#scanner = new Scanner(source);
    this.#token = { kind: "newline", start: 0, end: 0 };
    this.#previous = this.#token;
  }

  /** Whether the parser stands at the end of the text, or the scanner ended within a literal: more text might help. */
  get atEnd(): boolean {
    const { kind, start } = this.#token;
    return this.#scanner.unfinished || ((kind === "end of file" || kind === "outdent") && start >= this.#source.text.length);
  }

  /** file = (newline | statement)* end */
  file(): Statement[] {
    try {
      this.#advance();
      const statements: Statement[] = [];
      while (this.#token.kind !== "end of file") {
        if (this.#token.kind === "newline") this.#advance();
        else this.#statement(statements);
      }
      return statements;
    } catch (error) {
      if (isStackOverflow(error)) throw this.#error("excessive nesting");
      throw error;
    }
  }

  #statement(into: Statement[]): void {
    switch (this.#token.kind) {
      case "def":
        into.push(this.#def());
        break;
      case "if":
        into.push(this.#if());
        break;
      case "for":
        into.push(this.#for());
        break;
      case "while":
        into.push(this.#while());
        break;
      default:
        this.#simpleStatements(into);
    }
  }

  #def(): Statement {
    const { start } = this.#advance();
    const name = this.#name();
    this.#expect("(");
    const parameters = this.#parameters();
    this.#expect(")");
    this.#expect(":");
    const body = this.#suite();
    return { kind: "def", start, end: this.#previous.end, atOnce: false, name, parameters, body, code: undefined };
  }

  #if(): If {
    const { start } = this.#token;
    const arms: { condition: Expression; body: Statement[] }[] = [];
    do {
      this.#advance();
      const condition = this.#test();
      this.#expect(":");
      arms.push({ condition, body: this.#suite() });
    } while (this.#token.kind === "elif");
    let otherwise: Statement[] = [];
    if (this.#skip("else")) {
      this.#expect(":");
      otherwise = this.#suite();
    }
    return { kind: "if", start, end: this.#previous.end, atOnce: false, arms, otherwise };
  }

  #for(): Statement {
    const { start } = this.#advance();
    const targets = this.#loopVariables();
    this.#expect("in");
    const iterable = this.#expression(false);
    this.#expect(":");
    const body = this.#suite();
    return { kind: "for", start, end: this.#previous.end, atOnce: false, targets, iterable, body, bodyAtOnce: false };
  }

  #while(): Statement {
    const { start } = this.#advance();
    const condition = this.#test();
    this.#expect(":");
    const body = this.#suite();
    return { kind: "while", start, end: this.#previous.end, atOnce: false, condition, body };
  }

  /** loop_variables = primary (',' primary)* ','? -- not a full expression, which would swallow the `in`. */
  #loopVariables(): Expression {
    const first = this.#primaryWithSuffix();
    if (this.#token.kind !== ",") return first;
    const items = [first];
    while (this.#skip(",")) {
      if (ENDS_LIST.has(this.#token.kind)) break;
      items.push(this.#primaryWithSuffix());
    }
    return { kind: "tuple", start: first.start, end: this.#previous.end, atOnce: false, items };
  }

  /** suite = simple_statements | newline indent statement+ outdent */
  #suite(): Statement[] {
    return this.#nested(() => {
      const statements: Statement[] = [];
      if (!this.#skip("newline")) {
        this.#simpleStatements(statements);
        return statements;
      }
      this.#expect("indent");
      while (this.#token.kind !== "outdent" && this.#token.kind !== "end of file") this.#statement(statements);
      this.#expect("outdent");
      return statements;
    });
  }

  /** simple_statements = small (';' small)* ';'? newline */
  #simpleStatements(into: Statement[]): void {
    do {
      into.push(this.#smallStatement());
    } while (this.#skip(";") && this.#token.kind !== "newline" && this.#token.kind !== "end of file");
    if (this.#token.kind !== "end of file") this.#expect("newline");
  }

  #smallStatement(): Statement {
    const { kind, start } = this.#token;
    switch (kind) {
      case "return": {
        this.#advance();
        const bare = this.#token.kind === "end of file" || this.#token.kind === "newline" || this.#token.kind === ";";
        const value = bare ? undefined : this.#expression(false);
        return { kind: "return", start, end: this.#previous.end, atOnce: false, value };
      }
      case "break":
      case "continue":
      case "pass":
        this.#advance();
        return { kind: "branch", start, end: this.#previous.end, atOnce: false, word: kind };
      case "load":
        return this.#load();
      default: {
        const expression = this.#expression(false);
        const at = this.#token.start;
        if (this.#skip("=")) {
          const value = this.#expression(false);
          return { kind: "assign", start, end: this.#previous.end, atOnce: false, target: expression, value, at };
        }
        const operator = AUGMENTED.get(this.#token.kind);
        if (operator !== undefined) {
          this.#advance();
          const value = this.#expression(false);
          return { kind: "augment", start, end: this.#previous.end, atOnce: false, target: expression, operator, value, at };
        }
        return { kind: "expression", start, end: this.#previous.end, atOnce: false, expression };
      }
    }
  }

  /** load = 'load' '(' string {',' (name '=')? string} ','? ')' */
  #load(): Load {
    const { start } = this.#advance();
    const open = this.#token.start;
    this.#expect("(");
    if (this.#token.kind !== "string literal") throw this.#error("first operand of load statement must be a string literal");
    const module = String(this.#advance().value);
    const bindings: { local: Name; name: string; nameStart: number }[] = [];
    while (this.#kind() !== ")" && this.#kind() !== "end of file") {
      this.#expect(",");
      if (this.#kind() === ")") break;
      bindings.push(this.#loadBinding());
    }
    this.#expect(")");
    if (bindings.length === 0) throw this.#error("load statement must import at least 1 symbol", open);
    return { kind: "load", start, end: this.#previous.end, atOnce: false, module, bindings };
  }

  #loadBinding(): Load["bindings"][number] {
    if (this.#token.kind === "string literal") {
      const { start, end, value } = this.#advance();
      const name = String(value);
      return {
        local: { kind: "name", start: start + 1, end: end - 1, atOnce: true, name, binding: UNRESOLVED },
        name,
        nameStart: start + 1,
      };
    }
    if (this.#token.kind !== "identifier") {
      throw this.#error(`load operand must be "name" or localname="name" (got ${describe(this.#token.kind)})`);
    }
    const local = this.#name();
    if (!this.#skip("=")) {
      throw this.#error(`load operand must be "${local.name}" or ${local.name}="originalname" (want '=' after ${local.name})`);
    }
    if (this.#kind() !== "string literal") throw this.#error(`original name of loaded symbol must be quoted: ${local.name}="originalname"`);
    const { start, value } = this.#advance();
    return { local, name: String(value), nameStart: start + 1 };
  }

  /** parameters = (name | name '=' test | '*' name? | '**' name) separated by ',' */
  #parameters(): Parameter[] {
    const parameters: Parameter[] = [];
    while (this.#token.kind !== ")" && this.#token.kind !== ":" && this.#token.kind !== "end of file") {
      if (parameters.length > 0) this.#expect(",");
      if (this.#kind() === ")") break;
      const { kind, start } = this.#token;
      if (kind === "*" || kind === "**") {
        this.#advance();
        const name = kind === "**" || this.#kind() === "identifier" ? this.#name() : undefined;
        parameters.push({ kind, start, end: this.#previous.end, name, default: undefined, at: start });
        continue;
      }
      const name = this.#name();
      const at = this.#token.start;
      const value = this.#skip("=") ? this.#test() : undefined;
      parameters.push({ kind: "plain", start, end: this.#previous.end, name, default: value, at });
    }
    return parameters;
  }

  /** expression = test (',' test)* ','? -- a tuple when there is a comma. */
  #expression(inParentheses: boolean): Expression {
    const first = this.#test();
    if (this.#token.kind !== ",") return first;
    const items = [first];
    this.#moreItems(items, inParentheses);
    return { kind: "tuple", start: first.start, end: this.#previous.end, atOnce: false, items };
  }

  #moreItems(items: Expression[], trailingComma: boolean): void {
    while (this.#token.kind === ",") {
      const comma = this.#advance().start;
      if (ENDS_LIST.has(this.#kind())) {
        if (!trailingComma) throw this.#error("unparenthesized tuple with trailing comma", comma);
        break;
      }
      items.push(this.#test());
    }
  }

  /** test = lambda | operators ('if' operators 'else' test)? */
  #test(): Expression {
    return this.#nested(() => {
      if (this.#token.kind === "lambda") return this.#lambda(true);
      const then = this.#operators(0);
      const at = this.#token.start;
      if (!this.#skip("if")) return then;
      const condition = this.#operators(0);
      if (!this.#skip("else")) throw this.#error("conditional expression without else clause", at);
      const otherwise = this.#test();
      return { kind: "conditional", start: then.start, end: this.#previous.end, atOnce: false, condition, then, otherwise };
    });
  }

  #lambda(allowConditional: boolean): Expression {
    return this.#nested(() => {
      const { start } = this.#advance();
      const parameters = this.#parameters();
      this.#expect(":");
      const body = allowConditional ? this.#test() : this.#testWithoutCondition();
      return { kind: "lambda", start, end: this.#previous.end, atOnce: false, parameters, body, code: undefined };
    });
  }

  #testWithoutCondition(): Expression {
    return this.#token.kind === "lambda" ? this.#lambda(false) : this.#operators(0);
  }

  /** Operators that bind at least as tightly as the level, by precedence climbing. */
  #operators(level: number): Expression {
    let left = this.#operand(level);
    let comparison: TokenKind | undefined;
    for (;;) {
      if (this.#token.kind === "not") {
        const { start } = this.#advance();
        if (this.#kind() !== "in") throw this.#error(`got ${describe(this.#token.kind)}, want in`);
        this.#token = { kind: "not in", start, end: this.#token.end };
      }
      const { kind, start: at } = this.#token;
      const precedence = PRECEDENCE.get(kind) ?? -1;
      if (precedence < level) return left;
      if (precedence === COMPARISON) {
        if (comparison !== undefined) throw this.#error(`${comparison} does not associate with ${kind} (use parens)`);
        comparison = kind;
      }
      this.#advance();
      const right = this.#operators(precedence + 1);
      const span = { start: left.start, end: this.#previous.end, atOnce: false, left, right, at };
      left =
        kind === "and" || kind === "or"
          ? { kind: "logical", operator: kind, ...span }
          : { kind: "binary", operator: binaryOperator(kind), ...span };
      if (precedence < COMPARISON) comparison = undefined;
    }
  }

  #operand(level: number): Expression {
    const { start } = this.#token;
    if (this.#token.kind !== "not" || level > (PRECEDENCE.get("not") ?? 0)) return this.#primaryWithSuffix();
    return this.#nested(() => {
      this.#advance();
      const operand = this.#operators(PRECEDENCE.get("not") ?? 0);
      return { kind: "unary", start, end: this.#previous.end, atOnce: false, operator: "not", operand };
    });
  }

  /** primary ('.' name | '[' ... ']' | '(' ... ')')* */
  #primaryWithSuffix(): Expression {
    let object = this.#primary();
    for (;;) {
      const at = this.#token.start;
      switch (this.#token.kind) {
        case ".": {
          this.#advance();
          const { name } = this.#name();
          object = { kind: "dot", start: object.start, end: this.#previous.end, atOnce: false, object, name, at };
          break;
        }
        case "[":
          object = this.#subscript(object);
          break;
        case "(": {
          this.#advance();
          const args = this.#arguments();
          this.#expect(")");
          const simple = args.every((argument) => argument.kind === "positional");
          const span = { start: object.start, end: this.#previous.end, atOnce: false, operandsAtOnce: false };
          object = { kind: "call", ...span, callee: object, arguments: args, at, simple };
          break;
        }
        default:
          return object;
      }
    }
  }

  #subscript(object: Expression): Expression {
    const at = this.#advance().start;
    let low: Expression | undefined;
    if (this.#token.kind !== ":") {
      low = this.#expression(false);
      if (this.#skip("]")) return { kind: "index", start: object.start, end: this.#previous.end, atOnce: false, object, index: low, at };
    }
    let high: Expression | undefined;
    let step: Expression | undefined;
    if (this.#skip(":") && this.#token.kind !== ":" && this.#token.kind !== "]") high = this.#test();
    if (this.#skip(":") && this.#token.kind !== "]") step = this.#test();
    this.#expect("]");
    return { kind: "slice", start: object.start, end: this.#previous.end, atOnce: false, object, low, high, step, at };
  }

  #arguments(): Argument[] {
    const found: Argument[] = [];
    while (this.#token.kind !== ")" && this.#token.kind !== "end of file") {
      if (found.length > 0) this.#expect(",");
      if (this.#kind() === ")") break;
      const { kind, start } = this.#token;
      if (kind === "*" || kind === "**") {
        this.#advance();
        found.push({ kind, start, name: "", value: this.#test(), end: this.#previous.end });
        continue;
      }
      const value = this.#test();
      if (this.#kind() !== "=") {
        found.push({ kind: "positional", start, end: this.#previous.end, name: "", value });
        continue;
      }
      // A name in parentheses is no keyword either.
      if (value.kind !== "name" || kind !== "identifier") throw this.#error("keyword argument must have form name=expr");
      this.#advance();
      found.push({ kind: "named", start, name: value.name, value: this.#test(), end: this.#previous.end });
    }
    return found;
  }

  #primary(): Expression {
    const { kind, start, value } = this.#token;
    switch (kind) {
      case "identifier":
        return this.#name();
      case "int literal":
      case "string literal": {
        const { end } = this.#advance();
        if (value === undefined) throw this.#error("literal without a value", start);
        return { kind: "literal", start, end, atOnce: true, value };
      }
      case "float literal":
        return { kind: "literal", start, end: this.#advance().end, atOnce: true, value: new Float(Number(value)) };
      case "bytes literal":
        return { kind: "literal", start, end: this.#advance().end, atOnce: true, value: new Bytes(String(value)) };
      case "[":
        return this.#list();
      case "{":
        return this.#dict();
      case "(": {
        this.#advance();
        if (this.#skip(")")) return { kind: "tuple", start, end: this.#previous.end, atOnce: false, items: [] };
        const expression = this.#expression(true);
        this.#expect(")");
        return expression;
      }
      case "-":
      case "+":
      case "~":
        return this.#nested(() => {
          this.#advance();
          const operand = this.#primaryWithSuffix();
          return { kind: "unary", start, end: this.#previous.end, atOnce: false, operator: kind, operand };
        });
      default:
        throw this.#error(`got ${describe(kind)}, want primary expression`);
    }
  }

  #list(): Expression {
    const { start } = this.#advance();
    if (this.#skip("]")) return { kind: "list", start, end: this.#previous.end, atOnce: false, items: [] };
    const first = this.#test();
    if (this.#token.kind === "for") return this.#comprehension(start, { kind: "item", value: first }, "]");
    const items = [first];
    this.#moreItems(items, true);
    this.#expect("]");
    return { kind: "list", start, end: this.#previous.end, atOnce: false, items };
  }

  #dict(): Expression {
    const { start } = this.#advance();
    if (this.#skip("}")) return { kind: "dict", start, end: this.#previous.end, atOnce: false, entries: [] };
    const first = this.#dictEntry();
    if (this.#token.kind === "for") return this.#comprehension(start, { kind: "entry", ...first }, "}");
    const entries = [first];
    while (this.#skip(",")) {
      if (this.#kind() === "}") break;
      entries.push(this.#dictEntry());
    }
    this.#expect("}");
    return { kind: "dict", start, end: this.#previous.end, atOnce: false, entries };
  }

  #dictEntry(): DictEntry {
    const key = this.#test();
    const colon = this.#token.start;
    this.#expect(":");
    return { key, colon, value: this.#test() };
  }

  /** ('for' variables 'in' operators | 'if' test)* and the closing bracket; the first is a `for`. */
  #comprehension(start: number, body: Comprehension["body"], close: "]" | "}"): Expression {
    const first = this.#forClause();
    const more: (ForClause | IfClause)[] = [];
    for (;;) {
      if (this.#token.kind === "for") more.push(this.#forClause());
      else if (this.#skip("if")) more.push({ kind: "if", condition: this.#testWithoutCondition() });
      else if (this.#skip(close)) break;
      else throw this.#error(`got ${describe(this.#token.kind)}, want '${close}', for, or if`);
    }
    return { kind: "comprehension", start, end: this.#previous.end, atOnce: false, body, clauses: [first, ...more] };
  }

  #forClause(): ForClause {
    const at = this.#advance().start;
    const targets = this.#loopVariables();
    this.#expect("in");
    return { kind: "for", at, targets, iterable: this.#operators(0) };
  }

  #name(): Name {
    const { kind, start, end } = this.#token;
    if (kind !== "identifier") throw this.#error("not an identifier");
    this.#advance();
    return { kind: "name", start, end, atOnce: false, name: this.#source.text.slice(start, end), binding: UNRESOLVED };
  }

  /** Moves on and gives the token left behind. */
  #advance(): Token {
    const token = this.#token;
    this.#previous = token;
    this.#token = this.#scanner.next();
    return token;
  }

  #skip(kind: TokenKind): boolean {
    if (this.#token.kind !== kind) return false;
    this.#advance();
    return true;
  }

  #expect(kind: TokenKind): void {
    if (!this.#skip(kind)) throw this.#error(`got ${describe(this.#token.kind)}, want ${describe(kind)}`);
  }

  /** The present token's kind, for where the compiler still believes an older one. */
  #kind(): TokenKind {
    return this.#token.kind;
  }

  #nested<T>(parse: () => T): T {
    if (++this.#nesting > NESTING_MAX) throw this.#error("excessive nesting");
    const result = parse();
    this.#nesting--;
    return result;
  }

  #error(message: string, offset = this.#token.start): Error {
    return syntaxError(this.#source, offset, message, this.#hint());
  }

  #hint(): string | undefined {
    if (this.#token.kind === "string literal" && this.#previous.end === this.#token.start && this.#previous.kind === "identifier") {
      return 'there are no f-strings: use "…%s…" % x or "…{}…".format(x)';
    }
    if (this.#token.kind === "string literal" && this.#previous.kind === "string literal") {
      return "literals are not joined by standing side by side: use +";
    }
    return HINTS.get(this.#token.kind);
  }
}

function binaryOperator(kind: TokenKind): BinaryOperator {
  switch (kind) {
    case "==":
    case "!=":
    case "<":
    case ">":
    case "<=":
    case ">=":
    case "in":
    case "not in":
    case "|":
    case "^":
    case "&":
    case "<<":
    case ">>":
    case "-":
    case "+":
    case "*":
    case "%":
    case "/":
    case "//":
      return kind;
    default:
      throw new Error(`${kind} is no binary operator`);
  }
}
