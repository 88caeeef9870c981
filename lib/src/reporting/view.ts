/** A plotly figure: traces and layout, ready for `Plotly.newPlot`. */
export interface Figure {
  data: object[];
  layout: object;
}

/** A piece of HTML whose data is escaped already. */
export interface Html {
  html: string;
}

/** A picture, as the bytes of a PNG file. */
export interface Png {
  png: Uint8Array;
}

/** A danfojs DataFrame, as far as showing it goes: column names, and rows of as many values. */
export interface Frame {
  columns: string[];
  values: unknown[];
  shape: number[];
}

/** What a notebook can show. */
export type View = Figure | Html | Png | Frame;
