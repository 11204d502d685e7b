/**
 * How large a picture may become, whatever the record holds. Everything a view leaves out or draws together is counted
 * there and said ("showing N of M"), so that an output never grows with the number of events.
 */

/** The matrix as a picture. Scenarios and faults beyond these are counted below the grid and listed in the text. */
export const GRID = {
  /** Rows and fault columns that are drawn. */
  scenarios: 40,
  faults: 16,
  /** Lines below the grid about the chosen cell: reason, where it fired, notes. */
  facts: 5,
} as const;

/** Lanes of a timeline, for one run or for each cell of a matrix. */
export const LANES = {
  /** Services that get a lane of their own. */
  services: 14,
  /** Probes that overlap in time are drawn in rows; more than these are drawn together in the last one. */
  probe_rows: 3,
  /** Marks of one run: bars, crosses, ticks. */
  marks: 160,
  /** Labels of one run beside its marks; a mark without one still has its tooltip. */
  labels: 48,
  /** Marks of all cells of a matrix together; shared out so that small cells leave their part to the large ones. */
  marks_of_matrix: 2000,
} as const;

/** Text of one fact. */
export const TEXT = {
  /** Characters of a label or a tooltip line. */
  label: 60,
  tooltip: 120,
  /** Lines of a run's timeline as plain text. */
  timeline_lines: 40,
  /** Default width of every plain text, in terminal columns. */
  columns: 80,
} as const;
