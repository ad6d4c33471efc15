import { check } from "#app/webhooks/destination";
import {
  webhookDeliveryOut,
  webhookEndpointCreated,
  webhookEndpointOut,
} from "#app/webhooks/output";
import { deliveryListQuery, webhookEndpointCreate } from "#app/webhooks/schemas";
import * as service from "#app/webhooks/service";
import { listQuery } from "#lib/list-query";
import { page, success } from "#lib/responses";
import { detachedRoute, member, owner, route } from "#lib/route";

export const webhooksRoutes = [
  // Detached: no connection is held while a name server is asked.
  detachedRoute({
    method: "post",
    path: "/webhook-endpoints",
    tag: "webhooks",
    access: owner,
    body: webhookEndpointCreate,
    status: 201,
    returns: success(webhookEndpointCreated),
    handler: async ({ body, caller, context }) => {
      await check(body.url, { allowPrivate: context.settings.webhookAllowPrivate });
      return context.database.tenant(caller.accountId, caller.userId, (tx) =>
        service.register(tx, caller.accountId, body),
      );
    },
  }),
  route({
    method: "get",
    path: "/webhook-endpoints",
    tag: "webhooks",
    access: owner,
    query: listQuery,
    returns: page(webhookEndpointOut),
    handler: async ({ query, tx }) => service.listEndpoints(tx, query),
  }),
  route({
    method: "delete",
    path: "/webhook-endpoints/:id",
    tag: "webhooks",
    access: owner,
    handler: async ({ params, tx }) => service.remove(tx, params.id),
  }),
  route({
    method: "get",
    path: "/webhook-deliveries",
    tag: "webhooks",
    access: member,
    query: deliveryListQuery,
    returns: page(webhookDeliveryOut),
    handler: async ({ query, tx }) => service.listDeliveries(tx, query),
  }),
  route({
    method: "post",
    path: "/webhook-deliveries/:id/redeliver",
    tag: "webhooks",
    access: member,
    status: 202,
    returns: success(webhookDeliveryOut),
    handler: async ({ params, tx }) => service.redeliver(tx, params.id),
  }),
];
