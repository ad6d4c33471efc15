// A route is data, declared beside its handler: the application mounts it, and the OpenAPI document
// is made from it.
import type { Request } from "express";

import type { AppContext } from "#app/context";
import type { Transaction } from "#lib/database";
import type { Component, Page, Reply } from "#lib/responses";
import type { JsonSchema, Schema } from "#lib/schema";
import type { Principal } from "#lib/tenancy";

/** What a route asks of its caller. */
export interface Access {
  /** Nobody is asked who they are; counted against the address. */
  readonly anonymous: boolean;
  readonly role?: "owner";
  readonly sdkKey: boolean;
  /** Neither asked nor counted: health, metrics, the OpenAPI document. */
  readonly exempt: boolean;
}

export const exempt: Access = { anonymous: true, sdkKey: false, exempt: true };
export const anonymous: Access = { anonymous: true, sdkKey: false, exempt: false };
export const member: Access = { anonymous: false, sdkKey: false, exempt: false };
export const owner: Access = { anonymous: false, role: "owner", sdkKey: false, exempt: false };
export const sdkOrMember: Access = { anonymous: false, sdkKey: true, exempt: false };

export type Method = "get" | "post" | "put" | "patch" | "delete";

export interface DetachedScope<Body, Query> {
  readonly body: Body;
  readonly query: Query;
  /** `id` is a UUID. */
  readonly params: Readonly<Record<string, string>> & { readonly id: string };
  /** Whom the credentials name; on an anonymous route there is nobody, and asking throws. */
  readonly caller: Principal;
  readonly context: AppContext;
  readonly requestId: string;
  readonly request: Request;
}

export interface RequestScope<Body, Query> extends DetachedScope<Body, Query> {
  /** Committed before the answer leaves; bound to the caller's account. */
  readonly tx: Transaction;
}

/** Data in the usual envelope, a page, a reply of another form, or nothing with a 204. */
export type Answer = Page<unknown> | Reply | object | undefined;

interface Declaration<Body, Query> {
  method: Method;
  /** As Express writes it: `/feedback/:id`. The application puts the prefix before it. */
  path: string;
  tag: string;
  access: Access;
  /** Outside the prefix and without the envelope. */
  bare?: boolean;
  query?: Schema<Query>;
  body?: Schema<Body>;
  /** The success answer's component; nothing for a 204. */
  returns?: Component;
  /** 200, or 204 when nothing is returned. */
  status?: number;
  /** Answers of a form of their own besides. */
  others?: Readonly<Record<number, { description: string; returns: Component }>>;
  /** Media type of an answer that is not JSON. */
  type?: string;
  /** What the OpenAPI document says of credentials, where `access` does not tell. */
  security?: readonly Readonly<Record<string, readonly string[]>>[];
  /** What the OpenAPI document says of parameters in the path other than `id`. */
  pathParameters?: Readonly<Record<string, JsonSchema>>;
  /** Honours `Idempotency-Key`. */
  idempotent?: boolean;
}

export interface Route extends Declaration<unknown, unknown> {
  /** Whether one transaction surrounds the handler. */
  transaction: boolean;
  handler: (scope: RequestScope<unknown, unknown>) => Promise<Answer> | Answer;
}

/** A handler in one transaction. */
export function route<Body = undefined, Query = undefined>(
  declaration: Declaration<Body, Query> & {
    handler: (scope: RequestScope<Body, Query>) => Promise<Answer> | Answer;
  },
): Route {
  return { ...declaration, transaction: true } as Route;
}

/**
 * A handler that opens its own transactions, because it does what no connection should be held
 * for: hashing, asking a name server. `caller` is known, but nothing is bound to the account.
 */
export function detachedRoute<Body = undefined, Query = undefined>(
  declaration: Declaration<Body, Query> & {
    handler: (scope: DetachedScope<Body, Query>) => Promise<Answer> | Answer;
  },
): Route {
  return { ...declaration, transaction: false } as Route;
}
