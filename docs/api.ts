import { fileURLToPath } from 'node:url';
import { Application, type ProjectReflection, ReflectionKind } from 'typedoc';
import { entryFiles } from './entry-files.js';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Types that only spell out what is documented beside them. */
const intentionallyNotExported = [
  'Maybe',
  'Handler',
  'Listener',
  'ChangeListener',
  'TokenPlan',
  'AblyAnswer',
  'WaitOptions',
  'faultRoutes',
];

export interface ApiReference {
  readonly app: Application;
  readonly project: ProjectReflection;
  /** Warnings and errors, in TypeDoc's words. */
  readonly complaints: readonly string[];
}

/** The API reference of all entries, from the code and its comments. */
export async function apiReference(): Promise<ApiReference> {
  const entries = entryFiles();
  const app = await Application.bootstrap({
    name: 'Latchkey',
    entryPoints: [...entries.values()].map((file) => root + file),
    tsconfig: `${root}tsconfig.json`,
    basePath: root,
    readme: 'none',
    excludeInternal: true,
    excludePrivate: true,
    disableGit: true,
    sourceLinkTemplate: '{path}#L{line}',
    intentionallyNotExported,
    validation: { notExported: true, invalidLink: true, invalidPath: true, notDocumented: false },
  });
  const complaints: string[] = [];
  // 2: a warning, 3: an error.
  app.logger.log = (message, level) => void (level >= 2 && complaints.push(message));
  const project = await app.convert();
  if (project === undefined) throw new Error(complaints.join('\n'));
  nameModules(project, entries);
  app.validate(project);
  return { app, project, complaints };
}

/** Names modules by their import specifiers, not by their files. */
function nameModules(project: ProjectReflection, entries: ReadonlyMap<string, string>): void {
  for (const module of project.getChildrenByKind(ReflectionKind.Module)) {
    const file = module.sources?.[0]?.fileName ?? '';
    const [name] = [...entries].find(([, path]) => file.endsWith(path)) ?? [];
    if (name !== undefined) module.name = name;
  }
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const { app, project, complaints } = await apiReference();
  await app.generateDocs(project, fileURLToPath(new URL('api', import.meta.url)));
  for (const complaint of complaints) console.error(complaint);
  process.exitCode = complaints.length === 0 ? 0 : 1;
}
