// Makes data/sample/films.json, the facts of the embedded sample, from the movies.json of the npm package vega-datasets.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

const help = `node scripts/make-sample.mjs MOVIES.json [OUT.json]

MOVIES.json is data/movies.json of the npm package vega-datasets 3.2.1:
  npm pack vega-datasets@3.2.1 && tar xzf vega-datasets-3.2.1.tgz     (then package/data/movies.json)
OUT.json is data/sample/films.json where it is not given. The same input gives the same bytes.

What is done to the rows:
  - a row without a title, or whose date is not like "Jun 12 1998", is dropped;
  - dates from 2012 on are two-digit years read a century late (the file ends with 2011): 2039 becomes 1939;
  - titles lose doubled blanks; "Title, The" becomes "The Title"; letters read in the wrong alphabet (È for é) are put right;
  - genres get the names and ids of The Movie Database; "Creative Type" adds Science Fiction, Fantasy, Family, History;
  - an unknown number becomes 0, an unknown genre an empty list;
  - 2,000 films are kept, those whose SHA-256 of "title|date" comes first, sorted by id (the place in movies.json, from 1).`;

const kept = 2000;
const firstImpossibleYear = 2012;
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

// Latin-1 bytes that were read as Mac Roman
const misread = {
  È: "é",
  Í: "ê",
  Ë: "è",
  Î: "ë",
  Ù: "ô",
  Û: "ó",
  "·": "á",
  "‡": "à",
  "‰": "ä",
  "˘": "ù",
  Ö: "…",
  Ω: "½",
};

const genreIds = {
  Action: 28,
  Adventure: 12,
  Comedy: 35,
  Documentary: 99,
  Drama: 18,
  Family: 10751,
  Fantasy: 14,
  History: 36,
  Horror: 27,
  Music: 10402,
  Romance: 10749,
  "Science Fiction": 878,
  Thriller: 53,
  Western: 37,
};

const genresOfMajor = {
  "Black Comedy": ["Comedy"],
  "Concert/Performance": ["Music"],
  Musical: ["Music"],
  "Romantic Comedy": ["Comedy", "Romance"],
  "Thriller/Suspense": ["Thriller"],
};

const genreOfCreative = {
  Fantasy: "Fantasy",
  "Historical Fiction": "History",
  "Kids Fiction": "Family",
  "Science Fiction": "Science Fiction",
};

function cleanTitle(title) {
  const letters = [...String(title)].map((letter) => misread[letter] ?? letter).join("");
  return letters
    .replace(/\s+/g, " ")
    .trim()
    .replace(/^(.*), (The|A|An)$/, "$2 $1");
}

/** "Jun 12 1998" → "1998-06-12", or undefined. */
function isoDate(text) {
  const [, month, day, year] = /^([A-Z][a-z]{2}) (\d{2}) (\d{4})$/.exec(text ?? "") ?? [];
  const number = months.indexOf(month) + 1;
  if (!number) return undefined;
  const shown = Number(year) >= firstImpossibleYear ? Number(year) - 100 : Number(year);
  return `${shown}-${String(number).padStart(2, "0")}-${day}`;
}

function genresOf(movie) {
  const major = movie["Major Genre"];
  const names = major ? [...(genresOfMajor[major] ?? [major])] : [];
  const creative = genreOfCreative[movie["Creative Type"]];
  if (creative) names.push(creative);
  return names.map((name) => ({ id: genreIds[name], name }));
}

function toFilm(movie, index) {
  const date = isoDate(movie["Release Date"]);
  if (movie.Title === null || date === undefined) return [];
  return [
    {
      id: index + 1,
      title: cleanTitle(movie.Title),
      genres: genresOf(movie),
      release_date: date,
      runtime: movie["Running Time min"] ?? 0,
      budget: movie["Production Budget"] ?? 0,
      revenue: movie["Worldwide Gross"] ?? 0,
    },
  ];
}

function chooseFilms(films) {
  const rank = ({ title, release_date }) => createHash("sha256").update(`${title}|${release_date}`).digest("hex");
  const ranked = films.map((film) => ({ film, rank: rank(film) })).sort((a, b) => (a.rank < b.rank ? -1 : 1));
  return ranked
    .slice(0, kept)
    .map(({ film }) => film)
    .sort((a, b) => a.id - b.id);
}

const [input, output = fileURLToPath(new URL("../data/sample/films.json", import.meta.url))] = process.argv.slice(2);
if (!input || input === "--help") {
  console.log(help);
  process.exit(input ? 0 : 2);
}
const movies = JSON.parse(readFileSync(input, "utf8"));
const films = movies.flatMap(toFilm);
const chosen = chooseFilms(films);
writeFileSync(output, `[\n${chosen.map((film) => JSON.stringify(film)).join(",\n")}\n]\n`);
const late = movies.filter((movie) => Number(String(movie["Release Date"]).slice(-4)) >= firstImpossibleYear).length;
const above = chosen.filter((film) => film.revenue > 10_000_000).length;
const unknown = chosen.filter((film) => film.revenue === 0).length;
console.log(
  `${movies.length} rows read, ${movies.length - films.length} dropped, ${late} years put right; ` +
    `${chosen.length} films written to ${output}: ${above} above $10M, ${unknown} without a gross.`,
);
