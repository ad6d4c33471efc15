import { sdkKeyCreated, sdkKeyOut } from "#app/sdk-keys/output";
import { sdkKeyCreate } from "#app/sdk-keys/schemas";
import * as service from "#app/sdk-keys/service";
import { listQuery } from "#lib/list-query";
import { page, success } from "#lib/responses";
import { owner, route } from "#lib/route";

export const sdkKeysRoutes = [
  route({
    method: "post",
    path: "/sdk-keys",
    tag: "sdk-keys",
    access: owner,
    body: sdkKeyCreate,
    status: 201,
    returns: success(sdkKeyCreated),
    handler: async ({ tx, caller, body }) => service.create(tx, caller.accountId, body.name),
  }),
  route({
    method: "get",
    path: "/sdk-keys",
    tag: "sdk-keys",
    access: owner,
    query: listQuery,
    returns: page(sdkKeyOut),
    handler: async ({ tx, query }) => service.list(tx, query),
  }),
  route({
    method: "delete",
    path: "/sdk-keys/:id",
    tag: "sdk-keys",
    access: owner,
    handler: async ({ tx, params }) => service.remove(tx, params.id),
  }),
];
