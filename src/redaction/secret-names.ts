/** A name that ends in one of these stands for a secret, whatever the text under it looks like. */
const TELLING =
  /(token|secret|nonce|jwt|password|passwd|passphrase|cookie|authorization|credential|key_?str|(api|access|secret|private|signing)_?key)s?$/i;

/** Short words end other words as well, as in `monkey`: they count where a part of the name begins. */
const SHORT = /(^|[^a-z])(key|mac)s?$/i;
const SHORT_IN_CAMEL_CASE = /[a-z\d](Key|Mac|MAC)s?$/;

/** Whether a text under this name is a secret: `token`, `x-api-key`, `clientSecret`, `set-cookie`, not `keyName`. */
export function isSecretName(whole: string): boolean {
  // All that counts is how it ends.
  const name = whole.slice(-LONGEST_END);
  return TELLING.test(name) || SHORT.test(name) || SHORT_IN_CAMEL_CASE.test(name);
}

const LONGEST_END = 64;

/** Whether a number under this name is one: `nonce`, but not `tokens`, which counts them. */
export function isSecretNumberName(name: string): boolean {
  return isSecretName(name) && !/s$/i.test(name);
}
