/**
 * The one table of colours, glyphs and type of all views. The hues are Okabe and Ito's (Color Universal Design, 2008), told
 * apart with every common kind of colour blindness; a glyph says the same without colour. Three families, as everywhere in
 * the project: green is well, vermilion and purple are not, amber and grey prove nothing.
 */
import type { Verdict } from "../model/verdict.ts";

/** How a verdict looks, or a cell that has none yet: its fill, the line around it, the ink on it. */
export interface VerdictLook {
  readonly glyph: string;
  readonly fill: string;
  readonly line: string;
  readonly ink: string;
}

const GREY: Omit<VerdictLook, "glyph"> = { fill: "#f5f5f5", line: "#f5f5f5", ink: "#5c5c5c" };
const AMBER: Omit<VerdictLook, "glyph"> = { fill: "#fae3a0", line: "#fae3a0", ink: "#6e4a00" };

export const VERDICT_LOOKS: Readonly<Record<Verdict | "to come" | "running", VerdictLook>> = {
  passed: { glyph: "✓", fill: "#aadfc9", line: "#aadfc9", ink: "#00543c" },
  failed: { glyph: "✗", fill: "#f6b391", line: "#f6b391", ink: "#7a2200" },
  "expectation violated": { glyph: "≠", fill: "#e3aed0", line: "#e3aed0", ink: "#6b1f4d" },
  bypassed: { glyph: "○", ...AMBER },
  errored: { glyph: "!", fill: "#ffffff", line: "#c44e00", ink: "#8f3200" },
  inconclusive: { glyph: "?", fill: "#ffffff", line: "#c58a00", ink: "#6e4a00" },
  excluded: { glyph: "–", fill: "#ffffff", line: "#e2e2e2", ink: "#6b6b6b" },
  "not run": { glyph: "∅", ...GREY },
  stale: { glyph: "↻", ...GREY },
  "to come": { glyph: "·", fill: "#f8f8f8", line: "#f8f8f8", ink: "#6b6b6b" },
  running: { glyph: "…", fill: "#ddeefa", line: "#56b4e9", ink: "#0b4f7d" },
};

/** A baseline that passed is the measure, not a result: it stands back. */
export const BASELINE_LOOK: VerdictLook = { glyph: "✓", fill: "#ffffff", line: "#d4d4d4", ink: "#4a4a4a" };

export const INK = { strong: "#262626", normal: "#4a4a4a", quiet: "#6b6b6b", rule: "#e6e6e6", grid: "#efefef", paper: "#ffffff" } as const;

/** What a mark of a timeline stands for, in the order of the legend. */
export const MARK_KINDS = [
  "probe",
  "probe failed",
  "armed",
  "denied",
  "delayed",
  "reset",
  "off path",
  "died",
  "down",
  "up",
  "violation",
  "line",
  "call",
] as const;

export type MarkKind = (typeof MARK_KINDS)[number];

export interface MarkLook {
  /** In the legend. */
  readonly word: string;
  readonly fill: string;
  readonly ink: string;
  /** For point marks: an SVG path in a square from -1 to 1. Bars have none. */
  readonly shape?: string;
  /** For point marks: area of the square in px². */
  readonly size?: number;
}

const CROSS = "M-1,-0.62L-0.62,-1L0,-0.38L0.62,-1L1,-0.62L0.38,0L1,0.62L0.62,1L0,0.38L-0.62,1L-1,0.62L-0.38,0Z";
const BROKEN = "M-0.95,-0.28H-0.3V0.28H-0.95ZM0.3,-0.28H0.95V0.28H0.3ZM-0.22,0.95L0,-0.95H0.24L0.02,0.95Z";
const TICK = "M-0.13,-1H0.13V1H-0.13Z";
const SQUARE = "M-0.85,-0.85H0.85V0.85H-0.85Z";
const UP = "M0,-0.9L0.95,0.8H-0.95Z";
const DIAMOND = "M0,-1.1L1,0L0,1.1L-1,0Z";

export const MARK_LOOKS: Readonly<Record<MarkKind, MarkLook>> = {
  probe: { word: "probe", fill: "#bfdff4", ink: "#0b4f7d" },
  "probe failed": { word: "error or no answer", fill: "#f6b391", ink: "#7a2200" },
  armed: { word: "fault armed", fill: "#fdf3d6", ink: "#6e4a00" },
  denied: { word: "denied", fill: "#b33f00", ink: "#8f3200", shape: CROSS, size: 90 },
  delayed: { word: "delayed", fill: "#eda22d", ink: "#5a3600" },
  reset: { word: "reset", fill: "#a3447c", ink: "#6b1f4d", shape: BROKEN, size: 130 },
  "off path": { word: "off the path", fill: "#b5a58f", ink: "#6b6b6b", shape: CROSS, size: 60 },
  down: { word: "down", fill: "#d9d9d9", ink: "#4a4a4a" },
  died: { word: "died", fill: "#262626", ink: "#262626", shape: SQUARE, size: 80 },
  up: { word: "up", fill: "#007f5c", ink: "#00543c", shape: UP, size: 80 },
  violation: { word: "violation", fill: "#a3447c", ink: "#6b1f4d", shape: DIAMOND, size: 130 },
  line: { word: "output", fill: "#7a7a7a", ink: "#5c5c5c", shape: TICK, size: 80 },
  call: { word: "call", fill: "#b8b8b8", ink: "#6b6b6b", shape: TICK, size: 50 },
};

/** The picture's font is shipped; a browser takes what it has, the next two being drawn after the same measures. */
export const FONT = { family: "DejaVu Sans", stack: "DejaVu Sans, Bitstream Vera Sans, Verdana, sans-serif" } as const;

/** Size of every view in CSS pixels: a notebook of 900 px leaves about 810 beside its prompt. */
export const PAGE = { width: 784, padding: 12 } as const;

/**
 * Settings of every specification. What a dark theme would change of what we draw is set here (and `background` in each
 * specification), since our colours are made for white paper.
 */
export const CONFIG = {
  font: FONT.stack,
  view: { stroke: null, fill: null },
  axis: { domain: false, ticks: false, gridColor: INK.grid, labelColor: INK.quiet, labelFontSize: 11 },
} as const;
