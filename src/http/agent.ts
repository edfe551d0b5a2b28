/** The name and version of this library, sent with each request. @see RSC7d */
export const AGENT = 'latchkey/0.1.0';
