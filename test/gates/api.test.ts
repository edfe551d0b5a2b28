import { type DeclarationReflection, ReflectionKind } from 'typedoc';
import { beforeAll, describe, expect, it } from 'vitest';
import { type ApiReference, apiReference } from '../../docs/api.js';
import { entryFiles } from '../../docs/entry-files.js';

/** The comment of a declaration, wherever TypeDoc keeps it. */
const commentOf = (one: DeclarationReflection) =>
  one.comment ?? one.signatures?.find(({ comment }) => comment)?.comment ?? one.getSignature?.comment;

/** `npm run api` writes the reference at any time, so it is not checked in. */
describe('the API reference', () => {
  let reference: ApiReference;
  beforeAll(async () => {
    reference = await apiReference();
  }, 180_000);

  const modules = () => reference.project.getChildrenByKind(ReflectionKind.Module);
  const exports = () =>
    modules().flatMap((module) =>
      (module.children ?? []).map((one) => ({ name: `${module.name}: ${one.name}`, one })),
    );

  it('the reference is made without a warning, and every link and type is found', () => {
    expect(reference.complaints).toEqual([]);
  });

  it('the reference has a part for each entry of the package, by its name', () => {
    expect(
      modules()
        .map(({ name }) => name)
        .sort(),
    ).toEqual([...entryFiles().keys()].sort());
  });

  it('every export has a description', () => {
    const silent = exports().filter(({ one }) => !one.isReference() && commentOf(one) === undefined);
    expect(silent.map(({ name }) => name)).toEqual([]);
    expect(exports().length).toBeGreaterThan(80);
  });

  it('every method has a description', () => {
    const silent = exports().flatMap(({ name, one }) =>
      (one.children ?? [])
        .filter((member) => member.kindOf([ReflectionKind.Method, ReflectionKind.Accessor]))
        .filter((member) => member.inheritedFrom === undefined && commentOf(member) === undefined)
        .map((member) => `${name}.${member.name}`),
    );
    expect(silent).toEqual([]);
  });

  it('every function and class has an example', () => {
    const without = exports()
      .filter(({ one }) => one.kindOf([ReflectionKind.Function, ReflectionKind.Class]))
      .filter(({ one }) => commentOf(one)?.getTag('@example') === undefined);
    expect(without.map(({ name }) => name)).toEqual([]);
  });
});
