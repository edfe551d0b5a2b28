/** Values that throw when they are read, made new for each use. */
export const hostileValues: Readonly<Record<string, () => unknown>> = {
  undefined: () => undefined,
  null: () => null,
  'a symbol': () => Symbol('s'),
  'a bigint': () => 10n,
  'a function': () => () => {},
  'a text of 10 MB': () => 'a'.repeat(10e6),
  'an object that makes no text': () => ({ toString: 0, valueOf: 0 }),
  'an object without a prototype': () => Object.create(null),
  'an error of traps': () => ({
    code: 40142,
    statusCode: 401,
    message: { toString: 0, valueOf: 0 },
    cause: 0,
  }),
  'an error of other types': () => ({ code: '40142', statusCode: '401', message: 7 }),
  'an error of numbers without end': () => ({ code: Number.NaN, statusCode: Number.POSITIVE_INFINITY }),
  'a status alone, with a trap': () => ({ statusCode: 403, message: Symbol('s') }),
  'an object of getters that throw': () => trapped({}),
  'an Error of getters that throw': () => trapped(new Error('m')),
  'an Error whose message is a symbol': () =>
    Object.assign(new Error('m'), { message: Symbol('s'), name: 0n }),
  'an Error that is its own cause': () => {
    const error: Error = new Error('m');
    error.cause = error;
    return error;
  },
  'an Error with 10,000 causes': () => {
    let error = new Error('the first');
    for (let count = 0; count < 10_000; count += 1) error = new Error('m', { cause: error });
    return error;
  },
  'an Error of 10 MB': () => Object.assign(new Error('Ab'.repeat(5e6)), { name: 'Abc'.repeat(3e6) }),
  'a Proxy that throws': () => new Proxy({}, throwing),
  'a Proxy of an Error that throws': () => new Proxy(new Error('m'), throwing),
  'a Proxy that is revoked': () => {
    const { proxy, revoke } = Proxy.revocable({}, {});
    revoke();
    return proxy;
  },
};

const fail = (): never => {
  throw new Error('somebody looked');
};

const throwing: ProxyHandler<object> = {
  get: fail,
  has: fail,
  ownKeys: fail,
  getPrototypeOf: fail,
  getOwnPropertyDescriptor: fail,
};

function trapped(target: object): object {
  // The stack comes first, because it is made of the other fields.
  const names = [
    'stack',
    'code',
    'statusCode',
    'message',
    'name',
    'cause',
    'href',
    'toJSON',
    'type',
    'token',
  ];
  for (const name of names) Object.defineProperty(target, name, { get: fail, enumerable: true });
  return target;
}
