import { StreamableHTTPClientTransport } from '@modelcontextprotocol/sdk/client/streamableHttp.js';
import type { Auth } from 'latchkey';

/** A transport to an MCP server. Its requests and its event stream carry the current token. */
export const mcpTransport = (auth: Auth, address: URL): StreamableHTTPClientTransport =>
  new StreamableHTTPClientTransport(address, { fetch: (url, init) => auth.fetch(url, init) });
