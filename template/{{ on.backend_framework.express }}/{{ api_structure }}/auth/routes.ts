import { tokenPair } from "#app/auth/output";
import { login, refresh } from "#app/auth/schemas";
import * as service from "#app/auth/service";
import { Unauthorized } from "#lib/errors";
import { refusal, success } from "#lib/responses";
import { anonymous, detachedRoute, route } from "#lib/route";

export const authRoutes = [
  detachedRoute({
    method: "post",
    path: "/auth/token",
    tag: "auth",
    access: anonymous,
    body: login,
    returns: success(tokenPair),
    handler: async ({ body: { email, password }, context, request }) => {
      await context.limiter.hitLogin(request, email);
      return service.logIn(context.database, context.tokens, email, password);
    },
  }),
  route({
    method: "post",
    path: "/auth/refresh",
    tag: "auth",
    access: anonymous,
    body: refresh,
    returns: success(tokenPair),
    handler: async ({ body, context, tx }) => {
      const pair = await service.refresh(tx, context.tokens, body.refreshToken);
      return pair ?? refusal(new Unauthorized("The refresh token is not valid"));
    },
  }),
];
