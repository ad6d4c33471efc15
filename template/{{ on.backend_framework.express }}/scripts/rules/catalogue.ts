// What is really in the database, read as the owner of its schema.
import pg from "pg";

import { ignored } from "#scripts/rules/statements";

export const TENANT = "account_id";

const TABLES = `
  SELECT CASE n.nspname WHEN 'public' THEN c.relname ELSE n.nspname || '.' || c.relname END AS name
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
  -- Ordinary, partitioned, foreign ones and materialized views; a partition is its table's.
  WHERE c.relkind IN ('r', 'p', 'f', 'm') AND NOT c.relispartition
    AND n.nspname NOT IN ('pg_catalog', 'information_schema')
  ORDER BY 1`;
const INDEXES = `
  SELECT t.relname::text AS "table", i.relname::text AS name, x.indisunique AS "unique",
    pg_get_expr(x.indpred, x.indrelid) AS predicate,
    ARRAY(
      SELECT coalesce(a.attname::text, '(expression)')
      FROM unnest(x.indkey::int2[]) WITH ORDINALITY AS k (number, place)
      LEFT JOIN pg_attribute AS a
        ON a.attrelid = t.oid AND a.attnum = k.number AND a.attnum > 0
      WHERE k.place <= x.indnkeyatts ORDER BY k.place
    ) AS keys,
    ARRAY(
      SELECT a.attname::text FROM pg_attribute AS a
      WHERE a.attrelid = t.oid AND a.attnum > 0
        AND pg_get_expr(x.indpred, x.indrelid) ~ ('\\m' || a.attname || '\\M')
    ) AS "predicateColumns"
  FROM pg_index AS x
  JOIN pg_class AS i ON i.oid = x.indexrelid
  JOIN pg_class AS t ON t.oid = x.indrelid
  JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
  WHERE x.indisvalid`;
const FOREIGN_KEYS = `
  SELECT t.relname::text AS "table", target.relname::text AS target,
    ARRAY(
      SELECT a.attname::text FROM unnest(c.conkey) WITH ORDINALITY AS k (number, place)
      JOIN pg_attribute AS a ON a.attrelid = t.oid AND a.attnum = k.number ORDER BY k.place
    ) AS columns
  FROM pg_constraint AS c
  JOIN pg_class AS t ON t.oid = c.conrelid
  JOIN pg_class AS target ON target.oid = c.confrelid
  WHERE c.contype = 'f' AND c.conparentid = 0`;
const POLICY_COLUMNS = `
  SELECT DISTINCT t.relname::text AS "table", a.attname::text AS name
  FROM pg_policy AS p
  JOIN pg_depend AS d ON d.classid = 'pg_policy'::regclass AND d.objid = p.oid
    AND d.refclassid = 'pg_class'::regclass AND d.refobjsubid > 0
  JOIN pg_class AS t ON t.oid = d.refobjid
  JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
  ORDER BY 1, 2`;
const COLUMNS = `
  SELECT t.relname::text AS "table", a.attname::text AS name, a.atttypid::regtype::text AS type
  FROM pg_attribute AS a
  JOIN pg_class AS t ON t.oid = a.attrelid AND t.relkind = 'r'
  JOIN pg_namespace AS n ON n.oid = t.relnamespace AND n.nspname = 'public'
  WHERE a.attnum > 0 AND NOT a.attisdropped AND a.attidentity = '' AND a.attgenerated = ''
  ORDER BY t.relname, a.attnum`;

export interface Index {
  table: string;
  name: string;
  unique: boolean;
  predicate: string | null;
  keys: string[];
  predicateColumns: string[];
}

export interface ForeignKey {
  table: string;
  target: string;
  columns: string[];
}

export interface Column {
  table: string;
  name: string;
  type: string;
}

export class Catalogue {
  private constructor(
    private readonly client: pg.Client,
    readonly tables: readonly string[],
    readonly indexes: readonly Index[],
    readonly foreignKeys: readonly ForeignKey[],
    readonly policyColumns: readonly Omit<Column, "type">[],
    readonly columns: readonly Column[],
  ) {}

  static async open(ownerUrl: string): Promise<Catalogue> {
    const client = new pg.Client({ connectionString: ownerUrl });
    ignored.add(client);
    await client.connect();
    const read = async <Row extends object>(text: string) => (await client.query<Row>(text)).rows;
    return new Catalogue(
      client,
      (await read<{ name: string }>(TABLES)).map(({ name }) => name),
      await read<Index>(INDEXES),
      await read<ForeignKey>(FOREIGN_KEYS),
      await read<Column>(POLICY_COLUMNS),
      await read<Column>(COLUMNS),
    );
  }

  async close(): Promise<void> {
    await this.client.end();
  }

  columnsOf(table: string): Column[] {
    return this.columns.filter((column) => column.table === table);
  }

  indexesOf(table: string): Index[] {
    return this.indexes.filter((index) => index.table === table);
  }

  hasTenant(table: string): boolean {
    return this.columnsOf(table).some(({ name }) => name === TENANT);
  }

  /** The id of a row of the account; nothing when there is no such row, or no such table. */
  async anyId(table: string, accountId: string): Promise<string | undefined> {
    const names = new Set(this.columnsOf(table).map(({ name }) => name));
    if (!names.has("id") || !names.has(TENANT)) return undefined;
    const statement = `SELECT id FROM ${table} WHERE ${TENANT} = $1 LIMIT 1`;
    const [row] = await this.rows<{ id: string }>(statement, accountId);
    return row?.id;
  }

  async rows<Row extends object>(statement: string, ...values: unknown[]): Promise<Row[]> {
    return (await this.client.query<Row>(statement, values)).rows;
  }
}
