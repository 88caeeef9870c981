/** What is known of one film. Unknown text is "", an unknown number or date is null (sources write 0 and ""). */
export interface Film {
  id: number;
  title: string;
  genres: string[];
  overview: string;
  tagline: string;
  /** ISO 639-1 code of the original language. */
  language: string;
  /** `YYYY-MM-DD`, `YYYY`, or "". */
  releaseDate: string;
  year: number | null;
  /** Minutes. */
  runtime: number | null;
  /** Dollars. */
  budget: number | null;
  /** Worldwide gross in dollars. */
  revenue: number | null;
}

/** A film of which nothing is known. */
export const UNKNOWN_FILM: Film = {
  ...{ id: 0, title: "", genres: [], overview: "", tagline: "", language: "", releaseDate: "" },
  ...{ year: null, runtime: null, budget: null, revenue: null },
};

/** Which of the facts that say most of a film's revenue are known. */
export function knownFacts({ genres, releaseDate, runtime, budget }: Film): Record<string, boolean> {
  return {
    ...{ genres: genres.length > 0, date: releaseDate !== "" },
    ...{ runtime: runtime !== null, budget: budget !== null },
  };
}

/** A valid row of a source: its film, and its position among all rows read, from 0. */
export interface Row extends Film {
  row: number;
}
