/** Opens one after the other; where one fails, those that are open already are closed, and its error is thrown. */
export async function openAll<Wanted, Opened>(
  all: readonly Wanted[],
  open: (wanted: Wanted) => Promise<Opened>,
  close: (opened: Opened) => void | Promise<void>,
): Promise<Opened[]> {
  const opened: Opened[] = [];
  try {
    for (const wanted of all) opened.push(await open(wanted));
    return opened;
  } catch (thrown) {
    for (const one of opened) await close(one);
    throw thrown;
  }
}
