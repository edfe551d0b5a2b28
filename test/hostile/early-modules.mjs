const MARK = '?early';

/**
 * A hook for imports. `import('….js?early')` loads a second copy of a module and of all that it imports, as a page has
 * them while the code for failures does not come.
 */
export async function resolve(specifier, context, next) {
  const asked = specifier.split(MARK)[0];
  const parentURL = context.parentURL?.split(MARK)[0];
  const isEarly = specifier !== asked || parentURL !== context.parentURL;
  if (!isEarly) return next(specifier, context);
  if (asked.endsWith('/failures.js')) throw new Error('the network is lost');
  const conditions =
    asked === '#redaction' ? context.conditions.filter((one) => one !== 'node') : context.conditions;
  const found = await next(asked, { ...context, parentURL, conditions });
  return found.url.includes('node_modules') || !found.url.startsWith('file:')
    ? found
    : { ...found, url: `${found.url}${MARK}` };
}
