import { defineConfig } from "prisma/config";

// It applies migrations, which `make migrate` does here, and Prisma would download it for every
// command: naming any program spares that.
process.env.PRISMA_SCHEMA_ENGINE_BINARY ??= process.execPath;

export default defineConfig({ schema: "prisma" });
