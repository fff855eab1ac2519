import { VERSION } from 'lockstep-exporter/internal';
import type { Outcome } from './finding.js';

/** The envelope that `docs/report.schema.json` describes. */
export function toJson({ command, ok, findings, details }: Outcome): string {
  return JSON.stringify({ lockstep: VERSION, command, ok, findings, ...(details && { details }) }, undefined, 2);
}
