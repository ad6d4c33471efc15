// The one catalogue of errors: what is thrown, its status and the OpenAPI document come from here.

export interface Detail {
  path: string;
  message: string;
}

export interface ApiErrorOptions extends ErrorOptions {
  details?: readonly Detail[];
  headers?: Readonly<Record<string, string>>;
}

export class ApiError extends Error {
  readonly details: readonly Detail[] | undefined;
  readonly headers: Readonly<Record<string, string>>;

  constructor(
    message: string = "Internal server error",
    readonly status: number = 500,
    options: ApiErrorOptions = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = new.target.name;
    this.details = options.details;
    this.headers = options.headers ?? {};
  }
}

export class BadRequest extends ApiError {
  constructor(
    message = "Invalid request data",
    details?: readonly Detail[],
    options: ApiErrorOptions = {},
  ) {
    super(message, 400, details === undefined ? options : { ...options, details });
  }
}

export class Unauthorized extends ApiError {
  constructor(message = "Authentication is required", options: ErrorOptions = {}) {
    super(message, 401, { ...options, headers: { "WWW-Authenticate": "Bearer" } });
  }
}

export class Forbidden extends ApiError {
  constructor(message = "Not allowed", options?: ErrorOptions) {
    super(message, 403, options);
  }
}

export class NotFound extends ApiError {
  constructor(message = "Not found", options?: ErrorOptions) {
    super(message, 404, options);
  }
}

export class MethodNotAllowed extends ApiError {
  constructor(allow = "", message = "Method not allowed") {
    super(message, 405, { headers: { Allow: allow } });
  }
}

export class Conflict extends ApiError {
  constructor(message = "Conflict with the current state", options?: ErrorOptions) {
    super(message, 409, options);
  }
}

export class PayloadTooLarge extends ApiError {
  constructor(message = "The request body is too large", options?: ErrorOptions) {
    super(message, 413, options);
  }
}

export class UnsupportedMediaType extends ApiError {
  constructor(
    message = "The request body must be application/json, without a content encoding",
    options?: ErrorOptions,
  ) {
    super(message, 415, options);
  }
}

export class TooManyRequests extends ApiError {
  constructor(retryAfterSeconds = 60, message = "Rate limit exceeded") {
    super(message, 429, { headers: { "Retry-After": String(retryAfterSeconds) } });
  }
}

export class Unavailable extends ApiError {
  constructor(
    message = "A needed service is unavailable, try again later",
    options?: ErrorOptions,
  ) {
    super(message, 503, options);
  }
}

export class GatewayTimeout extends ApiError {
  constructor(message = "The request took too long", options?: ErrorOptions) {
    super(message, 504, options);
  }
}

/** What each status says when nothing more can be said. */
export const MESSAGES: ReadonlyMap<number, string> = new Map(
  [
    new BadRequest(),
    new Unauthorized(),
    new Forbidden(),
    new NotFound(),
    new MethodNotAllowed(),
    new Conflict(),
    new PayloadTooLarge(),
    new UnsupportedMediaType(),
    new TooManyRequests(),
    new ApiError(),
    new Unavailable(),
    new GatewayTimeout(),
  ].map((error) => [error.status, error.message]),
);
