// What the live rules share: the service, two accounts, and the catalogue of its database.
import type { Settings } from "#app/settings";
import { Catalogue } from "#scripts/rules/catalogue";
import { create, multiply } from "#scripts/rules/rows";
import { Service, type Tenant, type Urls } from "#scripts/rules/service";

export const FEW = 2;
export const MANY = 50;

export class World {
  private constructor(
    private readonly urls: Urls,
    readonly catalogue: Catalogue,
    readonly service: Service,
    readonly few: Tenant,
    readonly many: Tenant,
  ) {}

  static async create(urls: Urls): Promise<World> {
    const catalogue = await Catalogue.open(urls.MIGRATION_DATABASE_URL ?? "");
    const service = await Service.start(urls);
    const few = await service.newTenant(catalogue);
    const many = await service.newTenant(catalogue);
    for (const [tenant, wanted] of [
      [few, FEW],
      [many, MANY],
    ] as const) {
      await create(service, tenant);
      await multiply(catalogue, tenant, wanted);
    }
    return new World(urls, catalogue, service, few, many);
  }

  /** Another application on the same services, with other settings. */
  async serving<T>(changes: Partial<Settings>, work: (service: Service) => Promise<T>): Promise<T> {
    const service = await Service.start(this.urls, changes);
    try {
      return await work(service);
    } finally {
      await service.stop();
    }
  }

  async close(): Promise<void> {
    await this.service.stop();
    await this.catalogue.close();
  }
}
