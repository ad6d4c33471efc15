import { jobOut } from "#app/jobs/output";
import * as service from "#app/jobs/service";
import { success } from "#lib/responses";
import { member, route } from "#lib/route";

export const jobsRoutes = [
  route({
    method: "get",
    path: "/jobs/:id",
    tag: "jobs",
    access: member,
    returns: success(jobOut),
    handler: async ({ params, tx }) => service.get(tx, params.id),
  }),
];
