import { body, Text } from "#lib/validation";

export class Login {
  @Text({ min: 3, max: 320 })
  email!: string;

  @Text({ min: 1, max: 1_024 })
  password!: string;
}

export class Refresh {
  @Text({ min: 1, max: 200 })
  refreshToken!: string;
}

export const login = body(Login);
export const refresh = body(Refresh);
