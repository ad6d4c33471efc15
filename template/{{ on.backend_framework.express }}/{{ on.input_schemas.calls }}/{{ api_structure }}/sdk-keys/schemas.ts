import { body, text } from "#lib/validation";

export const sdkKeyCreate = body("SdkKeyCreate", {
  name: text({ min: 1, max: 100 }),
});
