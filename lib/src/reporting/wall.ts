import sharp from "sharp";
import { reasonOf } from "../errors";
import type { BracketName } from "../evaluation/reference";
import { plotLines, plotText, shorten } from "./escape";
import { countOf, formatDollars, formatRange } from "./format";
import { COLOURS, emptyFigure, makeFigure, type Part } from "./theme";
import type { Figure } from "./view";

/** A poster to hang: its encoded image (JPEG, PNG, WebP), the film's revenue in dollars, and its bracket. */
export interface HungPoster {
  title: string;
  revenue: number;
  image: Uint8Array;
  bracket: BracketName;
}

const BRACKETS: readonly BracketName[] = ["high", "medium", "low"];
/** Pixels of one place on the wall: the poster, its caption, and air. */
const PLACE_HEIGHT = 168;

/** Posters in rows by bracket, the dearest first, with revenue below and title on hover; one that cannot be read is named instead. */
export async function posterWall(
  posters: readonly HungPoster[],
  { columns = 10 }: { columns?: number } = {},
): Promise<Figure> {
  const title = "Posters by revenue bracket";
  const hung: (HungPoster & { source: string })[] = [];
  const unreadable: string[] = [];
  for (const poster of [...posters].sort((a, b) => b.revenue - a.revenue)) {
    try {
      hung.push({ ...poster, source: await posterThumbnail(poster.image) });
    } catch (thrown) {
      unreadable.push(`${shorten(poster.title, 40)} (${shorten(reasonOf(thrown), 60)})`);
    }
  }
  if (hung.length === 0) return emptyFigure(title, "There is no poster to show.");
  const rows = BRACKETS.flatMap((bracket) =>
    rowsOf(
      bracket,
      hung.filter((poster) => poster.bracket === bracket),
      columns,
    ),
  );
  const width = Math.max(...rows.map(({ posters }) => posters.length));
  return makeFigure({
    title,
    notes: [`${countOf(hung.length, "poster")}; hover for the title`, ...nameUnreadable(unreadable)],
    height: 90 + PLACE_HEIGHT * rows.length,
    data: captionsAndTitles(rows),
    layout: {
      images: rows.flatMap(({ posters }, y) => posters.map(({ source }, x) => hang(source, x, y))),
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

/** A small JPEG as a data URI, upright, on white where the picture is transparent; throws what sharp throws on a broken one. */
export async function posterThumbnail(image: Uint8Array, { height = 180 }: { height?: number } = {}): Promise<string> {
  const small = sharp(image)
    .rotate()
    .resize({ height, withoutEnlargement: true })
    .flatten({ background: COLOURS.paper });
  const jpeg = await small.toColourspace("srgb").jpeg({ quality: 78, mozjpeg: true }).toBuffer();
  return `data:image/jpeg;base64,${jpeg.toString("base64")}`;
}

interface WallRow {
  /** The label at the left; only the first row of a bracket has one. */
  name: string;
  posters: (HungPoster & { source: string })[];
}

function rowsOf(bracket: BracketName, posters: WallRow["posters"], columns: number): WallRow[] {
  if (posters.length === 0) return [];
  const range = formatRange(posters[posters.length - 1]!.revenue, posters[0]!.revenue);
  const name = `<b>${bracket[0]!.toUpperCase()}${bracket.slice(1)}</b><br>${plotText(range)}`;
  const count = Math.ceil(posters.length / columns);
  return Array.from({ length: count }, (_, i) => ({
    name: i === 0 ? name : "",
    posters: posters.slice(i * columns, (i + 1) * columns),
  }));
}

function hang(source: string, x: number, y: number): Part {
  return {
    source,
    xref: "x",
    yref: "y",
    x,
    y: y - 0.06,
    sizex: 0.94,
    sizey: 0.84,
    sizing: "contain",
    xanchor: "center",
    yanchor: "middle",
  };
}

// the captions stand below the posters, what answers the pointer in their middle
function captionsAndTitles(rows: readonly WallRow[]): Part[] {
  const places = rows.flatMap(({ posters }, y) => posters.map((poster, x) => ({ poster, x, y })));
  const shared = { type: "scatter", x: places.map(({ x }) => x) };
  return [
    {
      ...shared,
      mode: "text",
      y: places.map(({ y }) => y + 0.43),
      text: places.map(({ poster }) => plotText(formatDollars(poster.revenue))),
      textfont: { size: 11, color: COLOURS.grey },
      hoverinfo: "skip",
    },
    {
      ...shared,
      mode: "markers",
      y: places.map(({ y }) => y - 0.06),
      marker: { opacity: 0, size: 60 },
      hovertext: places.map(({ poster }) => plotLines(shorten(poster.title, 60), formatDollars(poster.revenue))),
      hoverinfo: "text",
    },
  ];
}

function nameUnreadable(names: readonly string[]): string[] {
  if (names.length === 0) return [];
  const more = names.length > 3 ? `; and ${names.length - 3} more` : "";
  return [`Left out, for they cannot be read: ${names.slice(0, 3).join("; ")}${more}`];
}
