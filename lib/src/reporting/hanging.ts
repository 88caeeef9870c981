import sharp from "sharp";
import { reasonOf } from "../errors";
import { plotLines, plotText, shorten } from "./escape";
import { countOf } from "./format";
import { COLOURS, emptyFigure, makeFigure, type Part } from "./theme";
import type { Figure } from "./view";

/** A poster to hang: its encoded image (JPEG, PNG, WebP), and what its film is called. */
export interface Poster {
  title: string;
  image: Uint8Array;
}

/** A poster with its thumbnail, as a data URI. */
export type Framed<T> = T & { source: string };

/** One place on a wall: what stands below the poster, and what answers the pointer, line by line. */
export interface Place {
  source: string;
  caption: string;
  hover: readonly string[];
}

/** A row of a wall; its name, at the left, may hold plotly's markup. */
export interface WallRow {
  name: string;
  places: readonly Place[];
}

/** Pixels of one place on the wall, the poster, its caption, and air: posters that hang close are narrow, and so are low. */
const placeHeight = (columns: number): number => (columns > 8 ? 140 : 168);

/** Thumbnails of posters, and the names of those that cannot be read. */
export async function frame<T extends Poster>(
  posters: readonly T[],
): Promise<{ framed: Framed<T>[]; unreadable: string[] }> {
  const framed: Framed<T>[] = [];
  const unreadable: string[] = [];
  for (const poster of posters) {
    try {
      framed.push({ ...poster, source: await posterThumbnail(poster.image) });
    } catch (thrown) {
      unreadable.push(`${shorten(poster.title, 40)} (${shorten(reasonOf(thrown), 60)})`);
    }
  }
  return { framed, unreadable };
}

/** A small JPEG as a data URI, upright, on white where the picture is transparent; throws what sharp throws on a broken one. */
export async function posterThumbnail(image: Uint8Array, { height = 180 }: { height?: number } = {}): Promise<string> {
  const small = sharp(image)
    .rotate()
    .resize({ height, withoutEnlargement: true })
    .flatten({ background: COLOURS.paper });
  const jpeg = await small.toColourspace("srgb").jpeg({ quality: 78, mozjpeg: true }).toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}

/** Rows of posters as one figure, and a note of those that cannot be read. */
export function hang(
  rows: readonly WallRow[],
  { title, notes = [], unreadable = [] }: { title: string; notes?: string[]; unreadable?: readonly string[] },
): Figure {
  if (rows.length === 0) return emptyFigure(title, "There is no poster to show.");
  const posters = rows.reduce((sum, { places }) => sum + places.length, 0);
  const width = Math.max(...rows.map(({ places }) => places.length));
  return makeFigure({
    title,
    notes: [...notes, `${countOf(posters, "poster")}; hover for the title`, ...nameUnreadable(unreadable)],
    height: 90 + placeHeight(width) * rows.length,
    bottom: 14,
    data: captionsAndTitles(rows),
    layout: {
      images: rows.flatMap(({ places }, y) => places.map(({ source }, x) => picture(source, x, y))),
      hoverdistance: 70,
      xaxis: { visible: false, range: [-0.5, width - 0.5], fixedrange: true },
      yaxis: {
        range: [rows.length - 0.5, -0.5],
        tickvals: rows.map((_, y) => y),
        ticktext: rows.map(({ name }) => name),
        showgrid: false,
        zeroline: false,
        fixedrange: true,
        automargin: true,
      },
    },
  });
}

/** Places in rows of so many; the name stands at the first of them. */
export function rowsOf(name: string, places: readonly Place[], columns: number): WallRow[] {
  const count = Math.ceil(places.length / columns);
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? name : "",
    places: places.slice(i * columns, (i + 1) * columns),
  }));
}

function picture(source: string, x: number, y: number): Part {
  return {
    source,
    xref: "x",
    yref: "y",
    x,
    // stands on its caption, however narrow the reader's page makes it
    y: y + 0.36,
    sizex: 0.94,
    sizey: 0.84,
    sizing: "contain",
    xanchor: "center",
    yanchor: "bottom",
  };
}

// the captions stand below the posters, what answers the pointer in their middle
function captionsAndTitles(rows: readonly WallRow[]): Part[] {
  const hung = rows.flatMap(({ places }, y) => places.map((place, x) => ({ place, x, y })));
  const shared = { type: "scatter", x: hung.map(({ x }) => x) };
  return [
    {
      ...shared,
      mode: "text",
      y: hung.map(({ y }) => y + 0.43),
      text: hung.map(({ place }) => plotText(place.caption)),
      textfont: { size: 11, color: COLOURS.grey },
      hoverinfo: "skip",
    },
    {
      ...shared,
      mode: "markers",
      y: hung.map(({ y }) => y - 0.06),
      marker: { opacity: 0, size: 60 },
      hovertext: hung.map(({ place }) => plotLines(...place.hover)),
      hoverinfo: "text",
    },
  ];
}

function nameUnreadable(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > 3 ? `; and ${names.length - 3} more` : "";
  return [`Left out, for they cannot be read: ${names.slice(0, 3).join("; ")}${more}`];
}
