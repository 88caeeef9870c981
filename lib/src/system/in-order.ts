/** Works on up to `concurrency` items at a time and yields the results in the order of the items. */
export async function* inOrder<Item, Result>(
  items: AsyncIterable<Item> | Iterable<Item>,
  work: (item: Item) => Promise<Result>,
  concurrency: number,
): AsyncGenerator<Result> {
  const running: Promise<Result>[] = [];
  try {
    for await (const item of items) {
      const result = work(item);
      // whoever awaits it hears of a failure; until then it is not an unhandled rejection
      result.catch(() => {});
      running.push(result);
      if (running.length >= concurrency) yield (await running.shift()) as Result;
    }
    while (running.length > 0) yield (await running.shift()) as Result;
  } finally {
    await Promise.allSettled(running);
  }
}
