/**
 * The limit of all annotations of an object (`TotalAnnotationSizeLimitB` in apimachinery), which `kubectl apply` puts
 * the whole object into.
 */
export const ANNOTATION_LIMIT = 262_144;

/** The path of a resource below the output folder: a layout with its placeholders replaced. */
export function pathOf(layout: string, names: Readonly<Record<string, string>>): string {
  return layout.replace(/\{(\w+)\}/g, (_, name: string) => names[name] ?? '');
}
