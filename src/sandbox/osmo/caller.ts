/** Who sends a request, as the gateway tells the service. */
export interface Caller {
  readonly user: string;
  readonly roles: readonly string[];
  /** The roles that the service is told of, if not all: none where no gateway tells it. */
  readonly toldRoles?: readonly string[];
  /** The access token behind the caller's JWT, if there is one. */
  readonly tokenName: string | null;
}
