export type { Asked } from './asked.js';
export type { CorsOptions } from './cors.js';
export type { TokenFormat } from './formats.js';
export type { Grant } from './grant.js';
export type { GrantContext, GrantFunction, TokenEndpointOptions } from './options.js';
export { Refusal, refuse } from './refusal.js';
export { type TokenEndpoint, tokenEndpoint } from './token-endpoint.js';
