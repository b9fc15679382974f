import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** One way into a package, as its `exports` name it. */
export interface Entry {
  /** As one imports it: `@parlor/react/hooks`. */
  specifier: string;
  /** `.`, `./hooks` */
  path: string;
  /** Files it leads to, each condition's. */
  files: readonly string[];
  types: string | undefined;
  isCode: boolean;
}

export interface Manifest {
  name: string;
  version: string;
  exports: Record<string, Record<string, string>>;
  files: string[];
  dependencies?: Record<string, string>;
  peerDependencies?: Record<string, string>;
  sideEffects: boolean | string[];
}

export interface Package {
  name: string;
  directory: string;
  manifest: Manifest;
  entries: readonly Entry[];
}

function read(folder: string): Package {
  const directory = fileURLToPath(new URL(`../../${folder}/`, import.meta.url));
  const manifest = JSON.parse(readFileSync(`${directory}package.json`, 'utf8')) as Manifest;
  const entries = Object.entries(manifest.exports).map(([path, conditions]) => ({
    specifier: manifest.name + path.slice(1),
    path,
    files: Object.values(conditions),
    types: conditions['types'],
    isCode: conditions['types'] !== undefined,
  }));
  return { name: manifest.name, directory, manifest, entries };
}

/** What is published. */
export const packages: readonly Package[] = ['client', 'react'].map(read);
