"""Who may call a route. A handler's signature names it: `caller: Member`, `Owner`, `SdkCaller`."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Request
from sqlalchemy.ext.asyncio import AsyncSession

from .context import current_context
from .errors import ApiError, BadRequest, Forbidden, Unauthorized
from .rate_limit import RateLimiter
from .sdk_key import hash_key, is_well_formed
from .tenancy import Principal, enter_as_user, enter_with_sdk_key


@dataclass(slots=True, frozen=True)
class Identity:
    """Credentials that hold: whom to count the request against, and where they lead."""

    caller: str
    principal: Principal | None = None
    refusal: ApiError | None = None


class Access:
    """What a route asks of its caller. The route class enforces it before the body is read."""

    def __init__(self, *, role: str | None = None, sdk_key: bool = False) -> None:
        self.role = role
        self.sdk_key = sdk_key

    async def __call__(self, request: Request) -> Principal:
        principal: Principal = request.state.principal
        return principal

    async def enforce(self, request: Request, session: AsyncSession) -> None:
        """Authenticate, count against the right limit, authorise: in that order."""
        limiter: RateLimiter = request.app.state.rate_limiter
        try:
            identity = await identify(request, session)
        except Exception:
            # Whoever cannot be identified, for whatever reason, is counted by address.
            await limiter.hit_address(request)
            raise
        await limiter.hit_caller(identity.caller)
        if identity.refusal is not None:
            raise identity.refusal
        assert identity.principal is not None
        self._authorise(identity.principal)
        request.state.principal = identity.principal

    def _authorise(self, principal: Principal) -> None:
        if principal.user_id is None and not self.sdk_key:
            raise Forbidden("SDK keys are not accepted here")
        if self.role is not None and principal.role != self.role:
            raise Forbidden(f"Only an {self.role} may do this")


class Anonymous(Access):
    """A route without credentials: counted against the caller's address."""

    async def enforce(self, request: Request, session: AsyncSession) -> None:
        limiter: RateLimiter = request.app.state.rate_limiter
        await limiter.hit_address(request)


Member = Annotated[Principal, Depends(Access())]
Owner = Annotated[Principal, Depends(Access(role="owner"))]
SdkCaller = Annotated[Principal, Depends(Access(sdk_key=True))]


async def identify(request: Request, session: AsyncSession) -> Identity:
    """Raises Unauthorized or BadRequest when there is nobody to count the request against."""
    authorization = request.headers.get("authorization")
    key = request.headers.get("x-api-key")
    if authorization is not None and key is not None:
        raise BadRequest("Send either a bearer token or an SDK key, not both")
    if key is not None:
        return await _identify_sdk_key(request, session, key)
    if authorization is not None:
        return await _identify_user(request, session, authorization)
    raise Unauthorized


async def _identify_user(request: Request, session: AsyncSession, authorization: str) -> Identity:
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer":
        raise Unauthorized("The credentials are not valid")
    user_id: UUID = await request.app.state.tokens.verify(token.strip())
    caller = f"user:{user_id}"
    try:
        principal = await enter_as_user(session, user_id, _wanted_account(request))
    except Unauthorized:
        raise
    except ApiError as refusal:
        current_context().user_id = user_id
        return Identity(caller, refusal=refusal)
    _remember(principal)
    return Identity(caller, principal)


async def _identify_sdk_key(request: Request, session: AsyncSession, key: str) -> Identity:
    # A made-up key fails its checksum and costs no look-up.
    found = await enter_with_sdk_key(session, hash_key(key)) if is_well_formed(key) else None
    if found is None:
        raise Unauthorized("The credentials are not valid")
    key_id, account_id = found
    caller = f"sdk-key:{key_id}"
    try:
        if _wanted_account(request) not in (None, account_id):
            raise Forbidden("The SDK key belongs to another account")
    except Forbidden as refusal:
        return Identity(caller, refusal=refusal)
    principal = Principal(account_id=account_id, user_id=None, role=None)
    _remember(principal)
    return Identity(caller, principal)


def _wanted_account(request: Request) -> UUID | None:
    header = request.headers.get("x-account-id")
    if header is None:
        return None
    try:
        return UUID(header)
    except ValueError as error:
        raise Forbidden("Not a member of this account") from error


def _remember(principal: Principal) -> None:
    context = current_context()
    context.user_id = principal.user_id
    context.account_id = principal.account_id


async def count_unrouted(request: Request) -> None:
    """Count a request that no route answers: against its caller, if there is a known one."""
    limiter: RateLimiter = request.app.state.rate_limiter
    try:
        async with request.app.state.database.transaction() as session:
            identity = await identify(request, session)
    except ApiError:
        await limiter.hit_address(request)
    else:
        await limiter.hit_caller(identity.caller)
