import type { Target } from '../config/config.js';

/** The limit of all annotations of an object (`TotalAnnotationSizeLimitB` in apimachinery), which `kubectl apply` puts the whole object into. */
export const ANNOTATION_LIMIT = 262_144;

/** The path of a resource below the output folder: a layout with its placeholders replaced. */
export function pathOf(layout: string, names: Readonly<Record<string, string>>): string {
  return layout.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
}

/** The folders that the layout can put files into, below the output folder. */
export function layoutFolders(target: Target): readonly string[] {
  const folders = [target.layout.dashboards, target.layout.alerts].map(
    (path) => path.split('/').slice(0, -1).join('/').split('{')[0] ?? '',
  );
  return [...new Set(folders)];
}
