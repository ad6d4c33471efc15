import { syncRequest } from "#app/integrations/schemas";
import * as service from "#app/integrations/service";
import { INTEGRATIONS } from "#constants";
import { accepted, acceptedJob, oneOf } from "#lib/responses";
import { member, route } from "#lib/route";

export const integrationsRoutes = [
  route({
    method: "post",
    path: "/integrations/:integration/sync",
    tag: "integrations",
    access: member,
    pathParameters: { integration: oneOf(INTEGRATIONS) },
    body: syncRequest,
    status: 202,
    returns: acceptedJob,
    handler: async ({ body, caller, context, params, tx }) => {
      const integration = params.integration ?? "";
      const job = await service.startSync(context, tx, caller, integration, body.mainEntityId);
      return accepted(job);
    },
  }),
];
