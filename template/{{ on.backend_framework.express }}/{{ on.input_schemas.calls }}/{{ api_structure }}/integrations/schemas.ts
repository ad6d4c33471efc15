import { body, rowId, type Parsed } from "#lib/validation";

export const syncRequest = body("SyncRequest", { mainEntityId: rowId() });
export type SyncRequest = Parsed<typeof syncRequest>;
