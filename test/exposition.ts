/**
 * The lines of an exposition that hold a sample of the system's own metrics, without the id of the start: what was
 * recorded.
 */
export function sampleLines(text: string): readonly string[] {
  return text
    .split('\n')
    .filter(
      (line) => line !== '' && !line.startsWith('#') && !/^\w+_(catalogue_info|exporter_anomalies_total)\{/.test(line),
    )
    .map((line) => line.replace(/,?start_id="[0-9a-f]{12}"/, '').replace('{}', ''));
}

/** Those that are not zero. */
export function countedLines(text: string): readonly string[] {
  return sampleLines(text).filter((line) => !line.endsWith(' 0'));
}

/** By series as it is written, `name{label="value"}`. */
export function samplesOf(text: string): Readonly<Record<string, number>> {
  return Object.fromEntries(
    sampleLines(text).map((line) => {
      const at = line.lastIndexOf(' ');
      return [line.slice(0, at), Number(line.slice(at + 1))];
    }),
  );
}
