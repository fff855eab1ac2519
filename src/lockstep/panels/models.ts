/** A panel's model, as far as it holds others: those of a closed row lie within it. */
interface Nesting<P> {
  readonly panels?: readonly P[];
}

/** A panel of a model, and the path to it. */
export interface PlacedModel<P> {
  readonly panel: P;
  readonly path: readonly (string | number)[];
}

/**
 * Every panel of a dashboard's model, rows included, those within a closed row after it: in the order in which they
 * are read.
 */
export function placedModels<P extends Nesting<P>>(model: Nesting<P>): readonly PlacedModel<P>[] {
  return (model.panels ?? []).flatMap((panel, index) => [
    { panel, path: ['panels', index] },
    ...(panel.panels ?? []).map((inner, place) => ({ panel: inner, path: ['panels', index, 'panels', place] })),
  ]);
}
