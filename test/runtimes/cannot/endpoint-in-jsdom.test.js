/** @jest-environment jsdom */
// Jest's jsdom is a page without fetch: a server's endpoint has neither a request to read nor a key to sign with.
it('has nothing that an endpoint is made of', () => {
  expect([typeof Request, typeof Response, typeof crypto.subtle]).toEqual([
    'undefined',
    'undefined',
    'undefined',
  ]);
});
