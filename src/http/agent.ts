/** Who asks. @see RSC7d */
export const AGENT = 'latchkey/0.1.0';
