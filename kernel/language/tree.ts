/**
 * The syntax tree. Nodes are plain objects told apart by `kind`; `start` and `end` are offsets into the text, `at` the offset
 * that an error of the operation names. The parser builds the tree, the resolver fills in `binding`, `code` and `atOnce`.
 */
import type { Binding, FunctionCode } from "./scope.ts";
import type { Value } from "./value.ts";

interface Node {
  readonly start: number;
  readonly end: number;
}

interface ExpressionNode extends Node {
  /** No call and no loop within: it is evaluated at once, without ever suspending. */
  atOnce: boolean;
}

export interface Name extends ExpressionNode {
  readonly kind: "name";
  readonly name: string;
  binding: Binding;
}

export interface Literal extends ExpressionNode {
  readonly kind: "literal";
  readonly value: Value;
}

export interface ListExpression extends ExpressionNode {
  readonly kind: "list";
  readonly items: readonly Expression[];
}

export interface TupleExpression extends ExpressionNode {
  readonly kind: "tuple";
  readonly items: readonly Expression[];
}

export interface DictEntry {
  readonly key: Expression;
  readonly colon: number;
  readonly value: Expression;
}

export interface DictExpression extends ExpressionNode {
  readonly kind: "dict";
  readonly entries: readonly DictEntry[];
}

export interface ForClause {
  readonly kind: "for";
  readonly at: number;
  readonly targets: Expression;
  readonly iterable: Expression;
}

export interface IfClause {
  readonly kind: "if";
  readonly condition: Expression;
}

export interface Comprehension extends ExpressionNode {
  readonly kind: "comprehension";
  readonly body: { readonly kind: "item"; readonly value: Expression } | ({ readonly kind: "entry" } & DictEntry);
  readonly clauses: readonly [ForClause, ...(ForClause | IfClause)[]];
}

export interface Unary extends ExpressionNode {
  readonly kind: "unary";
  readonly operator: UnaryOperator;
  readonly operand: Expression;
}

export interface Binary extends ExpressionNode {
  readonly kind: "binary";
  readonly operator: BinaryOperator;
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

/** `and`, `or`: the right side is evaluated only when the left does not decide. */
export interface Logical extends ExpressionNode {
  readonly kind: "logical";
  readonly operator: "and" | "or";
  readonly left: Expression;
  readonly right: Expression;
  readonly at: number;
}

export interface Conditional extends ExpressionNode {
  readonly kind: "conditional";
  readonly condition: Expression;
  readonly then: Expression;
  readonly otherwise: Expression;
}

export interface Index extends ExpressionNode {
  readonly kind: "index";
  readonly object: Expression;
  readonly index: Expression;
  readonly at: number;
}

export interface Slice extends ExpressionNode {
  readonly kind: "slice";
  readonly object: Expression;
  readonly low: Expression | undefined;
  readonly high: Expression | undefined;
  readonly step: Expression | undefined;
  readonly at: number;
}

export interface Dot extends ExpressionNode {
  readonly kind: "dot";
  readonly object: Expression;
  readonly name: string;
  readonly at: number;
}

export interface Argument extends Node {
  readonly kind: "positional" | "named" | "*" | "**";
  /** Of a named argument. */
  readonly name: string;
  readonly value: Expression;
}

export interface Call extends ExpressionNode {
  readonly kind: "call";
  readonly callee: Expression;
  readonly arguments: readonly Argument[];
  readonly at: number;
  /** All arguments are positional, the usual case. */
  readonly simple: boolean;
  /** Callee and arguments are at once, only the call itself may suspend. */
  operandsAtOnce: boolean;
}

export interface Lambda extends ExpressionNode {
  readonly kind: "lambda";
  readonly parameters: readonly Parameter[];
  readonly body: Expression;
  code: FunctionCode | undefined;
}

export interface Parameter extends Node {
  readonly kind: "plain" | "*" | "**";
  /** Absent for a bare `*`. */
  readonly name: Name | undefined;
  readonly default: Expression | undefined;
  readonly at: number;
}

export type Expression =
  | Name
  | Literal
  | ListExpression
  | TupleExpression
  | DictExpression
  | Comprehension
  | Unary
  | Binary
  | Logical
  | Conditional
  | Index
  | Slice
  | Dot
  | Call
  | Lambda;

export type UnaryOperator = "+" | "-" | "~" | "not";
export type ComparisonOperator = "==" | "!=" | "<" | ">" | "<=" | ">=";
export type ArithmeticOperator = "+" | "-" | "*" | "/" | "//" | "%" | "&" | "|" | "^" | "<<" | ">>";
export type BinaryOperator = ComparisonOperator | ArithmeticOperator | "in" | "not in";

interface StatementNode extends Node {
  /** No call, no loop and no load within: it is executed at once, without ever suspending. */
  atOnce: boolean;
}

export interface ExpressionStatement extends StatementNode {
  readonly kind: "expression";
  readonly expression: Expression;
}

export interface Branch extends StatementNode {
  readonly kind: "branch";
  readonly word: "pass" | "break" | "continue";
}

export interface If extends StatementNode {
  readonly kind: "if";
  /** The `if` and its `elif`s. */
  readonly arms: readonly { readonly condition: Expression; readonly body: readonly Statement[] }[];
  readonly otherwise: readonly Statement[];
}

export interface For extends StatementNode {
  readonly kind: "for";
  readonly targets: Expression;
  readonly iterable: Expression;
  readonly body: readonly Statement[];
  bodyAtOnce: boolean;
}

export interface While extends StatementNode {
  readonly kind: "while";
  readonly condition: Expression;
  readonly body: readonly Statement[];
}

export interface Assign extends StatementNode {
  readonly kind: "assign";
  readonly target: Expression;
  readonly value: Expression;
  readonly at: number;
}

/** `x += y` and the like; `operator` is without its `=`. */
export interface Augment extends StatementNode {
  readonly kind: "augment";
  readonly target: Expression;
  readonly operator: ArithmeticOperator;
  readonly value: Expression;
  readonly at: number;
}

export interface Def extends StatementNode {
  readonly kind: "def";
  readonly name: Name;
  readonly parameters: readonly Parameter[];
  readonly body: readonly Statement[];
  code: FunctionCode | undefined;
}

export interface Return extends StatementNode {
  readonly kind: "return";
  readonly value: Expression | undefined;
}

export interface Load extends StatementNode {
  readonly kind: "load";
  readonly module: string;
  readonly bindings: readonly { readonly local: Name; readonly name: string; readonly nameStart: number }[];
}

export type Statement = ExpressionStatement | Branch | If | For | While | Assign | Augment | Def | Return | Load;
