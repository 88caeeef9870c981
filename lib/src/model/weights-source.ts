import { existsSync } from "node:fs";
import { join } from "node:path";
import { type HubClient, type HubClientOptions, HubError, hubClient } from "../catalogue/hub-client";
import type { HubFile } from "../catalogue/hub-download";
import {
  checkName,
  checkRevision,
  commitSchema,
  downloadSnapshot,
  fileSchema,
  readSnapshot,
  type Snapshot,
  snapshotFolder,
  understood,
} from "../catalogue/hub-snapshot";
import { UserError } from "../errors";
import type { ProgressListener } from "../progress";
import { projectRoot } from "../system/files";

/** The one file of a model that is downloaded. */
const FILE = "model.safetensors";

/** Bytes: ResNet50 has 102 MB, and no backbone here a tenth of this. */
const LARGEST = 1e9;

/** Where the default weights of a backbone are, when set-up does not make them: torchvision's IMAGENET1K_V1. */
const ON_THE_HUB: Readonly<Record<string, string>> = {
  resnet18: "hub:timm/resnet18.tv_in1k",
  resnet50: "hub:timm/resnet50.tv_in1k",
};

export interface WeightsOptions extends HubClientOptions {
  /** The folder of caches; a model goes into `<cache>/hub/models--<owner>--<name>/<commit>/`. */
  cache: string;
  /** Whose weights `default` means. */
  backbone?: string;
  onProgress?: ProgressListener;
}

/** Where a backbone's default weights lie when they are files of this project. */
export function defaultWeights(backbone: string): string {
  return weightsFile(`${backbone}.safetensors`);
}

/** Where a file of weights lies that is this project's. */
export function weightsFile(name: string): string {
  return join(projectRoot(), "data/weights", name);
}

/**
 * The safetensors file that `--weights` means: `default`, a file's own path, or `hub:owner/name[@revision]`, whose
 * model.safetensors is downloaded once, goes on where it broke off, and is kept only with the hash that the hub tells.
 */
export async function resolveWeights(
  source: string,
  { backbone = "efficientnet-lite0", ...options }: WeightsOptions,
): Promise<string> {
  if (source === "default") return defaultFile(backbone, options);
  if (source.startsWith("hub:")) return fromHub(source.slice("hub:".length), options);
  if (!existsSync(source)) throw new UserError(`There is no file ${source}.`);
  return source;
}

async function defaultFile(backbone: string, options: WeightsOptions): Promise<string> {
  const path = defaultWeights(backbone);
  const elsewhere = Object.hasOwn(ON_THE_HUB, backbone) ? ON_THE_HUB[backbone] : undefined;
  return elsewhere && !existsSync(path) ? resolveWeights(elsewhere, options) : madeBySetup(path);
}

/** The path of weights that set-up makes; a `UserError` where they are not there. */
export function madeBySetup(path: string): string {
  if (existsSync(path)) return path;
  throw new UserError(`The weights ${path} are missing: run \`node scripts/setup.mjs\`.`);
}

/** A copy in the cache is used without asking: predictions must not change because a branch moved on. */
async function fromHub(address: string, options: WeightsOptions): Promise<string> {
  const [name = "", revision = "main"] = address.split("@");
  checkName("model", name);
  checkRevision("model", revision);
  const folder = snapshotFolder(options.cache, "model", name);
  const snapshot = (await readSnapshot(folder, revision)) ?? (await download(name, { ...options, folder, revision }));
  return join(folder, snapshot.commit, FILE);
}

async function download(
  name: string,
  options: WeightsOptions & { folder: string; revision: string },
): Promise<Snapshot> {
  try {
    const client = await hubClient(name, { ...options, kind: "model" });
    const snapshot = await findWeights(client, options.revision);
    await downloadSnapshot(client, snapshot, options);
    return snapshot;
  } catch (thrown) {
    if (!(thrown instanceof HubError)) throw thrown;
    throw new HubError(thrown.message.replace(/\.$/, `, or ${OTHERWISE}`), thrown.status);
  }
}

const OTHERWISE = "give the weights as a file (--weights FILE).";

/** The commit that a revision means, and its model.safetensors. */
async function findWeights(client: HubClient, revision: string): Promise<Snapshot> {
  const { modelInfo, pathsInfo } = await import("@huggingface/hub");
  const shared = { hubUrl: client.url, accessToken: client.token, fetch: client.fetch };
  const { commit, file } = await understood(client, async () => {
    const { sha } = await modelInfo({ name: client.name, revision, additionalFields: ["sha"], ...shared });
    const commit = commitSchema.parse(sha);
    const repo = { type: "model" as const, name: client.name };
    const found = await pathsInfo({ repo, paths: [FILE], revision: commit, ...shared });
    const entry = found.find(({ path, type }) => path === FILE && type === "file");
    const file = entry && fileSchema.parse({ ...entry, size: entry.lfs?.size ?? entry.size, sha256: entry.lfs?.oid });
    return { commit, file };
  });
  return { commit, files: [checked(client.name, file)] };
}

function checked(name: string, file: HubFile | undefined): HubFile {
  const which = `The model ${name}`;
  if (!file) throw new UserError(`${which} holds no ${FILE}: choose another, or ${OTHERWISE}`);
  if (!file.sha256) throw new UserError(`The hub tells no hash of ${FILE} of ${name}: choose another, or ${OTHERWISE}`);
  if (file.size <= LARGEST) return file;
  const size = `${Math.round(file.size / 1e6)} MB, more than the ${LARGEST / 1e6} MB that are taken`;
  throw new UserError(`${which} holds ${size}: choose another, or ${OTHERWISE}`);
}

/** Puts the file in front of what `build` says of its weights. */
export function namingFile<T>(path: string, build: () => T): T {
  try {
    return build();
  } catch (thrown) {
    if (!(thrown instanceof UserError)) throw thrown;
    throw new UserError(`${path}: ${thrown.message}`);
  }
}
