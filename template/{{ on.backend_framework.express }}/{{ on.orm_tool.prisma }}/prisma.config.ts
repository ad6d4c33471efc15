import { defineConfig } from "prisma/config";

// The schema engine is what `prisma migrate` runs, and every command would download it. Migrations
// are applied by `make migrate` here: any program in the engine's place spares the download.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "prisma" });
