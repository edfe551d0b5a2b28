/**
 * The errors of the service, one a row: the Ably error code, the HTTP status, and the source of this rule.
 * The key of a row is the start of the message.
 *
 * `codes/n` is the page of that name in `errors` of ably/ably-common. `token-request-spec`, `auth/…` and
 * `rest-api` are pages of Ably's documentation. RSA15a and similar ids are clauses of Ably's client
 * specification. `ably-js …` is a test of that SDK. "inferred" means that no source decides.
 */
export const refusals = {
  'malformed request': [40000, 400, 'codes/40000; for this case inferred'],
  'unreadable request': [40000, 400, 'what is not HTTP; inferred'],
  'request headers too large': [40000, 431, 'HTTP’s status; the code is inferred'],
  'no such format': [40000, 400, 'rest-api, "Response formats"; the code is inferred'],
  'invalid capability': [40000, 400, 'ably-js rest/capability, "Invalid capabilities"; the code is inferred'],
  'the sandbox does not offer this': [
    40000,
    400,
    'what Ably has and this service has not; codes/40000; inferred',
  ],
  'invalid request body': [40001, 400, 'codes/40001; token-request-spec, "Request body format"'],
  'request body too large': [40001, 400, 'inferred'],
  'request body too slow': [40001, 408, 'HTTP’s status; the code is inferred'],
  'invalid parameter value': [40003, 400, 'codes/40003; auth/token, "Token TTL limits"; auth/revocation'],
  'invalid key in request': [40005, 400, 'codes/40005'],
  'invalid accessToken in request': [40005, 400, 'codes/40005'],
  'invalid connection id': [40006, 400, 'codes/40006; pub-sub/advanced, "publish-on-behalf"'],
  'maximum message length exceeded': [40009, 413, 'codes/40009'],
  'invalid channel name': [40010, 400, 'codes/40010; ably-js realtime/channel, "channelattachinvalid"'],
  'a device must have a clientId': [40012, 400, 'ably-js, migration to v3: at connect; the code is inferred'],
  'invalid client id': [40012, 400, 'codes/40012; RSA7a1, RSA8f2; a JWT’s claim'],
  'unsupported protocol version': [40017, 400, 'codes/40017; which versions those are: inferred'],
  'batched response includes errors': [40020, 400, 'codes/40020; rest-api, "Revoke tokens"'],
  'no credentials': [40101, 401, 'codes/40101'],
  'invalid credentials': [
    40101,
    401,
    'codes/40101; on a connection also for an unknown key, RTN14a; of an unknown app: ably-js realtime/failure',
  ],
  'mac does not match': [40101, 401, 'codes/40101'],
  'incompatible credentials': [40102, 401, 'codes/40102; RSA15a, RTC8a2'],
  'invalid use of Basic authentication over non-TLS transport': [40103, 401, 'codes/40103; RSA1, RSC18'],
  'timestamp not current': [40104, 401, 'codes/40104; token-request-spec'],
  'nonce value replayed': [40105, 401, 'codes/40105; token-request-spec'],
  'key/token status changed (revoke)': [40131, 401, 'codes/40131'],
  'can only revoke tokens using the same key that issued them': [40133, 401, 'codes/40133; auth/revocation'],
  'token revoked': [40141, 401, 'codes/40141; RTN15h2'],
  'token expired': [40142, 401, 'codes/40142; RTN22a, RSC10'],
  'token unrecognized': [40143, 401, 'codes/40143'],
  'invalid JWT': [40144, 401, 'codes/40144'],
  'JWT issued in the future': [
    40144,
    401,
    'undecided by Ably’s documentation; chosen, with the span of 40104',
  ],
  'claim missing from JWT': [40144, 400, 'codes/40144, "some malformed-claim cases"'],
  'operation not permitted with provided capability': [40160, 401, 'codes/40160; auth/capabilities'],
  'channel mode not requested': [40165, 401, 'codes/40165'],
  'client type not signed by the token': [40167, 401, 'codes/40167'],
  'client type not declared': [40168, 400, 'codes/40168'],
  'operation requires Basic authentication': [40162, 401, 'codes/40162; RSA17d'],
  'token revocation is not enabled for this key': [40163, 400, 'codes/40163; its status is inferred'],
  'foreign host or origin': [40300, 403, 'codes/40300; Ably serves every origin: chosen'],
  'only pages of this machine may create apps': [40300, 403, 'codes/40300; Ably has no such rule: chosen'],
  'no such path': [40400, 404, 'codes/40400; ably-js rest/request'],
  'no such app': [40400, 404, 'codes/40400; ably-js rest/auth, "JWT request with invalid key"'],
  'no such key': [40400, 401, 'Ably’s test specifications, rest/integration RSA4, of a known app'],
  'too much at once': [42910, 429, 'codes/42910; where this service’s limits lie is its own'],
  'invalid connection key': [80018, 400, 'codes/80018; RTN15c7'],
  'too many connections of one client': [
    80030,
    400,
    'ably-js, migration to v3: a limit for devices; code, status and number are inferred',
  ],
  'channel not attached': [90001, 404, 'codes/90001'],
  'too many channels': [90010, 400, 'codes/90010'],
  'unable to enter presence channel (no clientId)': [91000, 400, 'codes/91000'],
  'too many presence members': [91003, 400, 'codes/91003'],
  'the sandbox does not change or annotate messages': [
    93002,
    400,
    'codes/93002; as on a channel of Ably without that rule',
  ],
} as const satisfies Record<string, readonly [code: number, statusCode: number, source: string]>;

/** The name of an error of the service. */
export type Refusal = keyof typeof refusals;
