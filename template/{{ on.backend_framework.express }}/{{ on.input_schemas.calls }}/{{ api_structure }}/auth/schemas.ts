import { body, text } from "#lib/validation";

export const login = body("Login", {
  email: text({ min: 3, max: 320 }),
  password: text({ min: 1, max: 1_024 }),
});

export const refresh = body("Refresh", {
  refreshToken: text({ min: 1, max: 200 }),
});
