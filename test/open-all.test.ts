import { openAll } from "movie-revenue/system/open-all";
import { expect, it } from "vitest";

it("closes what it has opened where the next fails, and leaves open what all opened", async () => {
  const heard: string[] = [];
  const open = async (name: string) => {
    if (name === "c") throw new Error("no c");
    heard.push(`open ${name}`);
    return name;
  };
  const close = (name: string) => {
    heard.push(`close ${name}`);
  };
  expect(await openAll(["a", "b"], open, close)).toEqual(["a", "b"]);
  await expect(openAll(["a", "b", "c", "d"], open, close)).rejects.toThrow("no c");
  expect(heard).toEqual(["open a", "open b", "open a", "open b", "close a", "close b"]);
});
