import { output, text, timestamp, uuid } from "#lib/responses";

const shown = { id: uuid, name: text, prefix: text, createdAt: timestamp };

export const sdkKeyOut = output("SdkKeyOut", shown);

/** The key itself is shown this once. */
export const sdkKeyCreated = output("SdkKeyCreated", { ...shown, key: text });
