import type { Miss } from "../evaluation/ranking";
import type { BracketName } from "../evaluation/reference";
import { plotText, shorten } from "./escape";
import { capitalised, formatDollars, formatMiss, formatRange } from "./format";
import { type Framed, frame, hang, type Place, type Poster, rowsOf, type WallRow } from "./hanging";
import type { Figure } from "./view";

export { posterThumbnail } from "./hanging";

/** A film's poster; its revenue in dollars, null where it is unknown. */
export interface FilmPoster extends Poster {
  revenue: number | null;
  year?: number | null;
}

/** A poster to hang in its bracket. */
export interface HungPoster extends FilmPoster {
  revenue: number;
  bracket: BracketName;
}

/** A poster, and those that are like it, the likest first: `likeness` says how much, in the words of the one who measured it. */
export interface LikePosters {
  poster: FilmPoster;
  like: readonly (FilmPoster & { likeness: string })[];
}

const BRACKETS: readonly BracketName[] = ["high", "medium", "low"];

/** Posters in rows by bracket, the dearest first, with revenue below and title on hover; one that cannot be read is named instead. */
export async function posterWall(
  posters: readonly HungPoster[],
  { columns = 10 }: { columns?: number } = {},
): Promise<Figure> {
  const { framed, unreadable } = await frame([...posters].sort((a, b) => b.revenue - a.revenue));
  const rows = BRACKETS.flatMap((bracket) => {
    const own = framed.filter((poster) => poster.bracket === bracket);
    return rowsOf(bracketName(bracket, own), own.map(placeOf), columns);
  });
  return hang(rows, { title: "Posters by revenue bracket", unreadable });
}

/** Posters of films in their order, with revenue below. */
export async function filmWall(
  posters: readonly FilmPoster[],
  { title = "Posters", columns = 10 }: { title?: string; columns?: number } = {},
): Promise<Figure> {
  const { framed, unreadable } = await frame(posters);
  return hang(rowsOf("", framed.map(placeOf), columns), { title, unreadable });
}

/** The films predicted worst, the worst first, each with what was predicted for it and what it earned. */
export async function missesWall(
  misses: readonly Miss[],
  images: readonly Uint8Array[],
  { columns = 10 }: { columns?: number } = {},
): Promise<Figure> {
  const { framed, unreadable } = await frame(misses.map((miss, i) => ({ ...miss, image: images[i]! })));
  const places = framed.map(({ source, title, year, predicted, actual }): Place => {
    const caption = formatMiss(predicted, actual);
    const amounts = [`predicted ${formatDollars(predicted)}`, `earned ${formatDollars(actual)}`];
    return {
      source,
      caption,
      hover: [year ? `${shorten(title, 60)} (${year})` : shorten(title, 60), ...amounts, caption],
    };
  });
  return hang(rowsOf("", places, columns), { title: "Largest misses", unreadable });
}

/** A row for each poster: itself, then those that are like it. One that cannot be read takes its row with it. */
export async function likenessWall(
  posters: readonly LikePosters[],
  { title, notes }: { title: string; notes?: string[] },
): Promise<Figure> {
  const rows: WallRow[] = [];
  const broken: string[] = [];
  for (const { poster, like } of posters) {
    const { framed, unreadable } = await frame([{ ...poster, likeness: "" }, ...like]);
    broken.push(...unreadable);
    // without its first, a row says nothing
    if (framed[0]?.likeness !== "") continue;
    rows.push({ name: plotText(shorten(poster.title, 24)), places: framed.map(likePlace) });
  }
  return hang(rows, { title, notes, unreadable: broken });
}

function placeOf({ source, title, revenue, year }: Framed<FilmPoster>): Place {
  const named = year ? `${shorten(title, 60)} (${year})` : shorten(title, 60);
  return { source, caption: formatDollars(revenue), hover: [named, formatDollars(revenue)] };
}

function likePlace(poster: Framed<FilmPoster & { likeness: string }>): Place {
  const { caption, hover, source } = placeOf(poster);
  if (poster.likeness === "") return { source, caption, hover };
  return { source, caption: `${caption} · ${poster.likeness}`, hover: [...hover, poster.likeness] };
}

function bracketName(bracket: BracketName, posters: readonly HungPoster[]): string {
  if (posters.length === 0) return "";
  const range = formatRange(posters[posters.length - 1]!.revenue, posters[0]!.revenue);
  return `<b>${capitalised(bracket)}</b><br>${plotText(range)}`;
}
