import { body, Text } from "#lib/validation";

export class SdkKeyCreate {
  @Text({ min: 1, max: 100 })
  name!: string;
}

export const sdkKeyCreate = body(SdkKeyCreate);
