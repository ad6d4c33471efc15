import * as repository from "#app/sdk-keys/repository";
import type { Transaction } from "#lib/database";
import { NotFound } from "#lib/errors";
import type { ListQuery } from "#lib/pagination";
import { generateKey, hashKey, shownPrefix } from "#lib/sdk-key";

/** Only the hash is kept: the key is shown this once. */
export async function create(
  tx: Transaction,
  accountId: string,
  name: string,
): Promise<repository.SdkKey & { key: string }> {
  const key = generateKey();
  const keyHash = hashKey(key);
  const added = await repository.add(tx, { accountId, name, prefix: shownPrefix(key), keyHash });
  return { ...added, key };
}

export async function list(tx: Transaction, query: ListQuery) {
  return repository.list(tx, query);
}

export async function remove(tx: Transaction, id: string): Promise<undefined> {
  if (!(await repository.remove(tx, id))) throw new NotFound();
}
