/** Random programs: texts that are mostly well-formed, by grammar, and texts that mostly aren't, by mixing tokens. */
import fc from "fast-check";

const NAMES = [
  "a",
  "b",
  "c",
  "x",
  "f",
  "len",
  "str",
  "sorted",
  "range",
  "list",
  "dict",
  "int",
  "zip",
  "set",
  "struct",
  "max",
  "hash",
  "bytes",
];
const METHODS = [
  "append",
  "pop",
  "get",
  "items",
  "update",
  "split",
  "join",
  "format",
  "replace",
  "upper",
  "find",
  "elems",
  "insert",
  "clear",
  "nope",
];
const ATOMS = [
  "0",
  "1",
  "-1",
  "2",
  "7",
  "255",
  "1000000",
  "9007199254740993",
  "(1 << 70)",
  "0.5",
  "1e300",
  "float('nan')",
  "None",
  "True",
  "False",
  '""',
  '"a,b"',
  '"é日😀"',
  '"%s %d"',
  '"{} {0}"',
  "b'\\xff'",
  "[]",
  "[1, 2, 3]",
  "()",
  "(1,)",
  "{}",
  '{"a": 1}',
  "range(5)",
  "(lambda x: x)",
  "(lambda: f)",
];
const BINARY = ["+", "-", "*", "/", "//", "%", "&", "|", "^", "<<", ">>", "==", "!=", "<", ">", "<=", ">=", "in", "not in", "and", "or"];
const AUGMENTED = ["=", "+=", "-=", "*=", "//=", "%=", "|=", "&=", "^=", "<<=", ">>="];

const name = fc.constantFrom(...NAMES);

export const expression: fc.Arbitrary<string> = fc.letrec<{ e: string }>((tie) => ({
  e: fc.oneof(
    { maxDepth: 4, depthSize: "small" },
    fc.constantFrom(...ATOMS),
    name,
    fc.tuple(tie("e"), fc.constantFrom(...BINARY), tie("e")).map(([x, op, y]) => `(${x} ${op} ${y})`),
    fc.tuple(fc.constantFrom("-", "+", "~", "not "), tie("e")).map(([op, x]) => `(${op}${x})`),
    fc.array(tie("e"), { maxLength: 3 }).map((items) => `[${items.join(", ")}]`),
    fc.array(tie("e"), { maxLength: 3 }).map((items) => `(${items.map((item) => `${item},`).join(" ")})`),
    fc.array(fc.tuple(tie("e"), tie("e")), { maxLength: 2 }).map((entries) => `{${entries.map(([k, v]) => `${k}: ${v}`).join(", ")}}`),
    fc.tuple(tie("e"), tie("e")).map(([x, i]) => `${x}[${i}]`),
    fc
      .tuple(tie("e"), fc.option(tie("e")), fc.option(tie("e")), fc.option(tie("e")))
      .map(([x, a, b, c]) => `${x}[${a ?? ""}:${b ?? ""}:${c ?? ""}]`),
    fc
      .tuple(tie("e"), fc.constantFrom(...METHODS), fc.array(tie("e"), { maxLength: 3 }))
      .map(([x, m, args]) => `(${x}).${m}(${args.join(", ")})`),
    fc.tuple(name, fc.array(tie("e"), { maxLength: 3 })).map(([f, args]) => `${f}(${args.join(", ")})`),
    fc.tuple(name, tie("e"), tie("e")).map(([f, x, y]) => `${f}(${x}, key = ${y})`),
    fc.tuple(name, tie("e"), tie("e")).map(([f, x, y]) => `${f}(*${x}, **${y})`),
    fc.tuple(tie("e"), tie("e"), tie("e")).map(([x, c, y]) => `(${x} if ${c} else ${y})`),
    fc.tuple(tie("e"), name, tie("e"), tie("e")).map(([x, v, it, c]) => `[${x} for ${v} in ${it} if ${c}]`),
    fc.tuple(tie("e"), tie("e"), name, tie("e")).map(([k, x, v, it]) => `{${k}: ${x} for ${v} in ${it}}`),
    fc.tuple(name, tie("e")).map(([v, x]) => `(lambda ${v}, y = 1: ${x})`),
  ),
})).e;

const indent = (lines: readonly string[]): string[] => lines.map((line) => `    ${line}`);

const statements: fc.Arbitrary<string[]> = fc.letrec<{ s: string[] }>((tie) => ({
  s: fc.oneof(
    { maxDepth: 3, depthSize: "small" },
    expression.map((e) => [e]),
    fc.tuple(name, fc.constantFrom(...AUGMENTED), expression).map(([v, op, e]) => [`${v} ${op} ${e}`]),
    fc.tuple(name, expression, expression).map(([v, i, e]) => [`${v}[${i}] = ${e}`]),
    fc.tuple(name, name, expression).map(([a, b, e]) => [`${a}, ${b} = ${e}`]),
    fc.constantFrom("pass", "return x", "break", "continue", "x = nothing").map((line) => [line]),
    fc.tuple(expression, tie("s"), tie("s")).map(([c, a, b]) => [`if ${c}:`, ...indent(a), "else:", ...indent(b)]),
    fc.tuple(name, expression, tie("s")).map(([v, e, body]) => [`for ${v} in ${e}:`, ...indent(body)]),
    fc
      .tuple(name, name, expression, tie("s"), tie("s"))
      .map(([f, p, d, a, b]) => [`def ${f}(${p}, q = ${d}, *r):`, ...indent(a), ...indent(b)]),
  ),
})).s;

const PREAMBLE = `a = 1
b = [1, 2]
c = {"a": 1, 2: None}
x = "é,b"

def f(*args, **kwargs):
    return args or kwargs
`;

/** Well-formed, though seldom free of errors. */
export const program: fc.Arbitrary<string> = fc.array(statements, { minLength: 1, maxLength: 8 }).map(
  (all) => `${PREAMBLE}
${all.flat().join("\n")}\n`,
);

type Kinds = {
  int: string;
  float: string;
  text: string;
  list: string;
  dict: string;
  any: string;
};

/** Expressions that mostly have the type they should, so that they mostly get somewhere. */
const typed = fc.letrec<Kinds>((tie) => {
  const list = (...parts: string[]): fc.Arbitrary<string> =>
    fc.tuple(...parts.map((part) => (isKind(part) ? tie(part) : fc.constant(part)))).map((texts) => texts.join(""));
  const options = { maxDepth: 4, depthSize: "small" } as const;
  const binary = (kind: keyof Kinds, operators: readonly string[], right: keyof Kinds = kind): fc.Arbitrary<string> =>
    fc.tuple(tie(kind), fc.constantFrom(...operators), tie(right)).map(([x, op, y]) => `(${x} ${op} ${y})`);
  return {
    int: fc.oneof(
      options,
      fc.integer({ min: -12, max: 12 }).map((n) => `(${n})`),
      fc.bigInt({ min: -(2n ** 80n), max: 2n ** 80n }).map((n) => `(${n})`),
      binary("int", ["+", "-", "*", "//", "%", "&", "|", "^"]),
      list("len(", "text", ")"),
      list("len(", "list", ")"),
      list("text", ".find(", "text", ")"),
      list("text", ".count(", "text", ", ", "int", ")"),
      list("int(", "float", ")"),
      list("hash(", "text", ")"),
      list("(", "int", " >> ", "int", " % 70)"),
      list("(", "int", " << ", "int", " % 70)"),
      list("max(", "int", ", ", "int", ")"),
      list("abs(", "int", ")"),
      list("d.get(", "any", ", ", "int", ")"),
    ),
    float: fc.oneof(
      options,
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((x) => `float("${x}")`),
      fc.constantFrom("0.5", "1e21", "float('inf')", "float('nan')", "-0.0"),
      binary("float", ["+", "-", "*", "/", "//", "%"]),
      binary("int", ["/"]),
      binary("float", ["+", "*"], "int"),
      list("float(", "int", ")"),
    ),
    text: fc.oneof(
      options,
      fc.constantFrom(
        '""',
        '"a"',
        '"a,b,,c"',
        '"é日😀x"',
        '" two  words "',
        '"Hello World"',
        '"aaa"',
        '"\\n\\x00\\t"',
        '"123"',
        '"ß ǆ Σ İ"',
      ),
      binary("text", ["+"]),
      list("(", "text", " * (", "int", " % 4))"),
      list("text", "[", "int", "]"),
      list("text", "[", "int", ":", "int", "]"),
      list("text", "[", "int", ":", "int", ":", "int", "]"),
      fc
        .tuple(tie("text"), fc.constantFrom("upper", "lower", "title", "capitalize", "strip", "lstrip", "rstrip"))
        .map(([x, m]) => `${x}.${m}()`),
      fc
        .tuple(tie("text"), fc.constantFrom("strip", "removeprefix", "removesuffix", "rstrip"), tie("text"))
        .map(([x, m, y]) => `${x}.${m}(${y})`),
      list("text", ".replace(", "text", ", ", "text", ", ", "int", ")"),
      list("str(", "any", ")"),
      list("repr(", "any", ")"),
      list('("%s|%r" % (', "any", ", ", "any", "))"),
      list('("%d %x" % (', "int", ", ", "int", "))"),
      list('("%e %f %g" % (', "float", ", ", "float", ", ", "float", "))"),
      list('"{} {!r} {}".format(', "any", ", ", "any", ", ", "any", ")"),
      list("text", ".join([str(v) for v in ", "list", "])"),
      list("chr(", "int", " % 70000)"),
    ),
    list: fc.oneof(
      options,
      fc.array(tie("any"), { maxLength: 4 }).map((items) => `[${items.join(", ")}]`),
      list("sorted(", "list", ")"),
      list("sorted(", "list", ", key = str, reverse = True)"),
      binary("list", ["+"]),
      list("list(range(", "int", " % 9, ", "int", " % 9, ", "int", "))"),
      list("text", ".split(", "text", ")"),
      list("text", ".rsplit(None, ", "int", " % 6)"),
      list("text", ".split(None, ", "int", ")"),
      list("text", ".splitlines()"),
      list("list(", "text", ".elems())"),
      list("list(", "text", ".codepoint_ords())"),
      list("list", "[", "int", ":", "int", ":", "int", "]"),
      list("[(v, ", "any", ") for v in ", "list", " if ", "any", "]"),
      list("zip(", "list", ", ", "list", ")"),
      list("enumerate(", "list", ", ", "int", ")"),
      list("reversed(", "list", ")"),
      list("dict", ".items()"),
      list("list(", "text", ".partition(", "text", "))"),
    ),
    dict: fc.oneof(
      options,
      fc
        .array(fc.tuple(tie("any"), tie("any")), { maxLength: 3 })
        .map((entries) => `{${entries.map(([k, v]) => `str(${k}): ${v}`).join(", ")}}`),
      binary("dict", ["|"]),
      list("{v: 1 for v in ", "list", "}"),
      list("dict(zip(", "list", ", ", "list", "))"),
    ),
    any: fc.oneof(
      options,
      tie("int"),
      tie("float"),
      tie("text"),
      tie("list"),
      tie("dict"),
      list("(", "list", " == ", "list", ")"),
      list("(", "text", " < ", "text", ")"),
      list("(", "text", " in ", "text", ")"),
      list("(", "int", " < ", "float", ")"),
      list("(", "int", " == ", "float", ")"),
      list("tuple(", "list", ")"),
      list("set(", "list", ")"),
      list("bytes(", "text", ")"),
      list("struct(b = ", "any", ", a = ", "any", ")"),
      list("(", "any", " and ", "any", ")"),
      list("(", "any", " if ", "any", " else ", "any", ")"),
      fc
        .tuple(tie("text"), fc.constantFrom("isalpha", "isdigit", "islower", "isupper", "istitle", "isspace", "isalnum"))
        .map(([x, m]) => `${x}.${m}()`),
      fc.constantFrom("None", "True", "False"),
    ),
  };
});

function isKind(text: string): text is keyof Kinds {
  return ["int", "float", "text", "list", "dict", "any"].includes(text);
}

/** A program that prints values; errors of one line do not keep the others from being printed in other programs. */
export const typedProgram: fc.Arbitrary<string> = fc
  .array(typed.any, { minLength: 1, maxLength: 3 })
  .map((values) => `d = {"a": 1, 2: 3}\n${values.map((value) => `print(repr(${value}))\n`).join("")}`);

const TOKENS = [
  ...NAMES,
  ...ATOMS,
  ...BINARY,
  ...AUGMENTED,
  "(",
  ")",
  "[",
  "]",
  "{",
  "}",
  ",",
  ":",
  ";",
  ".",
  "\n",
  "\n    ",
  "\n\t",
  "\\\n",
  "#",
  '"',
  "'",
  '"""',
  "\\",
  "def",
  "if",
  "else",
  "elif",
  "for",
  "in",
  "not",
  "lambda",
  "return",
  "load",
  "class",
  "while",
  "*",
  "**",
  "0x",
  "1e",
  "é",
  "\u2028",
  "\0",
  "😀",
  "$",
  "!",
];

/** Any text, made mostly of tokens. */
export const soup: fc.Arbitrary<string> = fc.oneof(
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((tokens) => tokens.join(" ")),
  fc.array(fc.constantFrom(...TOKENS), { maxLength: 40 }).map((tokens) => tokens.join("")),
  fc.string({ unit: "binary", maxLength: 60 }),
);
