// What the runner computes from the results of the programs: plain functions, tested with hand values.

/** The middle value; the mean of the two middle ones where their number is even. */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

/**
 * The row of a benchmark from what its programs printed in every run: median rates, how many times faster ours is by them,
 * the range of the rates, and the most memory and the largest share of the cores that others used in any run.
 */
export function rowOf({ name, peerName }, { ours, peer }) {
  const rates = (runs) => runs.map(({ rate }) => rate);
  const most = (runs, key) => Math.max(...runs.map((run) => run[key]));
  const range = (runs) => [Math.min(...rates(runs)), Math.max(...rates(runs))];
  const medians = { ours: median(rates(ours)), peer: median(rates(peer)) };
  return {
    name,
    ...medians,
    peerName,
    ratio: medians.ours / medians.peer,
    unit: ours[0].unit,
    residentMiB: most(ours, "residentMiB"),
    peerResidentMiB: most(peer, "residentMiB"),
    range: { ours: range(ours), peer: range(peer) },
    others: most([...ours, ...peer], "others"),
    runs: { ours, peer },
  };
}

/**
 * Why two checksums do not show the same work, or null where they do. Each is a record of numbers; `tolerance` names the
 * largest difference allowed of each, 0 where it names none.
 */
export function disagreement(ours, peer, tolerance = {}) {
  for (const name of new Set([...Object.keys(ours), ...Object.keys(peer)])) {
    const difference = Math.abs(ours[name] - peer[name]);
    const allowed = tolerance[name] ?? 0;
    // written so that a missing or undefined number disagrees
    if (!(difference <= allowed)) return `${name} is ${ours[name]} here and ${peer[name]} there (allowed: ${allowed})`;
  }
  return null;
}

/** The share of all cores that others used, from the total and the idle milliseconds of the cores and our own busy ones. */
export function disturbance(before, after, ownMs) {
  const total = after.total - before.total;
  const busy = total - (after.idle - before.idle);
  return total > 0 ? Math.min(1, Math.max(0, (busy - ownMs) / total)) : 0;
}
