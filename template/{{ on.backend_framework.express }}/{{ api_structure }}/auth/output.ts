import { integer, output, text } from "#lib/responses";

export const tokenPair = output("TokenPair", {
  accessToken: text,
  tokenType: { type: "string", const: "Bearer", default: "Bearer" },
  expiresIn: integer,
  refreshToken: text,
});
