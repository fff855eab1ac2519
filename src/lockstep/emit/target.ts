import type { Target } from '../config/config.js';

/**
 * The most bytes of a resource. `kubectl apply` puts the whole object into an annotation, and all annotations of an
 * object have 262,144 bytes (`TotalAnnotationSizeLimitB` in apimachinery). With `--server-side` it does not; the API
 * server took 1,400,000 bytes and refused 1,600,000, since etcd takes 1.5 MiB for a request.
 */
const LARGEST = {
  client: { bytes: 262_144, why: 'kubectl apply keeps the whole object in an annotation' },
  server: { bytes: 1_400_000, why: 'the API server takes no larger object' },
} as const;

/** The most bytes that a resource may have, and why. */
export function largestOf({ apply = 'client' }: Target): { readonly bytes: number; readonly why: string } {
  return LARGEST[apply];
}

/** The path of a resource below the output folder: a layout with its placeholders replaced. */
export function pathOf(layout: string, names: Readonly<Record<string, string>>): string {
  return layout.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
}
