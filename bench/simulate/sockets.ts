/** A class of sockets whose first argument is the address. */
// biome-ignore lint/suspicious/noExplicitAny: TypeScript allows no other parameters for a mixin.
type SocketClass = new (...given: any[]) => object;

/** The same sockets; each reports the token that it is opened with. */
export function watched<Class extends SocketClass>(Sockets: Class, opened: (token: string) => void): Class {
  return class extends Sockets {
    // biome-ignore lint/suspicious/noExplicitAny: see above.
    constructor(...given: any[]) {
      const [address] = given;
      const { searchParams } = new URL(String(address));
      const token = searchParams.get('accessToken') ?? searchParams.get('access_token');
      if (token !== null) opened(token);
      super(...given);
    }
  };
}
