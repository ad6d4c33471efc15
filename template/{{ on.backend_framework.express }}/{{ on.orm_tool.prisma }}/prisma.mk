# The client that Prisma makes of the models in prisma/. Included by the Makefile.

CLIENT := generated/prisma/client.ts

$(CLIENT): $(wildcard prisma/*.prisma prisma/models/*.prisma) prisma/models prisma.config.ts package.json | node_modules
	@told=$$(prisma generate --no-hints 2>&1) || { echo "$$told" >&2; exit 1; }
	@touch $@

dist/.built check format: $(CLIENT)
