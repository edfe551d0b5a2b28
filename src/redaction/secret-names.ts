/** The value of a name with one of these endings is a secret, whatever it looks like. */
const TELLING =
  /(token|secret|nonce|jwt|password|passwd|passphrase|cookie|authorization|credential|key_?str|(api|access|secret|private|signing)_?key)s?$/i;

/**
 * Short words are endings of other words too, such as `monkey`, so they count only at the beginning of a part
 * of the name.
 */
const SHORT = /(^|[^a-z])(key|mac)s?$/i;
const SHORT_IN_CAMEL_CASE = /[a-z\d](Key|Mac|MAC)s?$/;

/**
 * Whether a string with this name is a secret: `token`, `x-api-key`, `clientSecret`, `set-cookie`, but not
 * `keyName`.
 */
export function isSecretName(whole: string): boolean {
  // Only the end of the name counts.
  const name = whole.slice(-LONGEST_END);
  return TELLING.test(name) || SHORT.test(name) || SHORT_IN_CAMEL_CASE.test(name);
}

const LONGEST_END = 64;

/** Whether a number with this name is a secret: `nonce`, but not `tokens`, which is a count. */
export function isSecretNumberName(name: string): boolean {
  return isSecretName(name) && !/s$/i.test(name);
}
