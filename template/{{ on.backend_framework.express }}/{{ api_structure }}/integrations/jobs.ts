// The jobs of integrations by name: what a request may ask for without importing a client.

export const SYNC = "integration.sync";
