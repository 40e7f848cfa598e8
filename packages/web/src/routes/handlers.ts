import type { RequestHeaders, RouteBody, RouteMethod, RouteName, RouteQuery } from '@artemis/core';
import type { WhenGone } from '../held-requests.js';
import type { Reply } from '../reply.js';

/** A request whose envelope and query have been checked. */
interface Call<Body, Query> {
  readonly headers: RequestHeaders;
  readonly body: Body;
  readonly query: Query;
  /** For answers that take their time. */
  readonly whenGone: WhenGone;
}

export type Handler<Body, Query> = (call: Call<Body, Query>) => Reply | Promise<Reply>;

/** A route that takes a body has no query on POST. */
type PostQuery<Name extends RouteName> = RouteBody<Name> extends undefined ? RouteQuery<Name> : undefined;

/**
 * One plain function for each method of each row of the route table: a row without one does not compile. They know
 * nothing of Express, so that the busiest of them can be called without it.
 */
export type Handlers = {
  readonly [Name in RouteName]: {
    readonly [Method in RouteMethod<Name>]: Method extends 'POST'
      ? Handler<RouteBody<Name>, PostQuery<Name>>
      : Handler<undefined, RouteQuery<Name>>;
  };
};
