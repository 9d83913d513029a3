/** What Node, TensorFlow and the operating system need to run at all; nothing here is a secret of its author. */
const NEEDED = [
  ...["PATH", "HOME", "TMPDIR", "TEMP", "TMP", "LANG", "LANGUAGE", "TZ", "XDG_CACHE_HOME", "XDG_DATA_HOME"],
  ...["LD_LIBRARY_PATH", "DYLD_LIBRARY_PATH", "OMP_NUM_THREADS", "TF_NUM_INTRAOP_THREADS", "TF_NUM_INTEROP_THREADS"],
  ...["SYSTEMROOT", "WINDIR", "COMSPEC", "PATHEXT", "USERPROFILE", "APPDATA", "LOCALAPPDATA", "PROGRAMDATA"],
];

/**
 * The environment of a report's kernel: what it needs, `LC_…`, and `LIMPID_…`. A notebook that prints its environment, or fails and
 * shows it, must not publish a token that happens to be there.
 */
export function cleanEnvironment(env: NodeJS.ProcessEnv): Record<string, string> {
  const kept = Object.entries(env).filter(
    ([name, value]) => value !== undefined && (NEEDED.includes(name.toUpperCase()) || /^(LC|LIMPID)_/.test(name)),
  );
  return Object.fromEntries(kept) as Record<string, string>;
}
