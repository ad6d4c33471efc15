import { body, RowId } from "#lib/validation";

export class SyncRequest {
  @RowId()
  mainEntityId!: string;
}

export const syncRequest = body(SyncRequest);
