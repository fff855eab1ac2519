import type { GrafanaTheme2 } from '@grafana/data';
import { createTheme } from '@grafana/data';

export type Mode = 'dark' | 'light';

const themes = new Map<Mode, GrafanaTheme2>();

/** Grafana's own theme, from which every colour of a value comes. */
export function themeOf(mode: Mode): GrafanaTheme2 {
  const known = themes.get(mode) ?? createTheme({ colors: { mode } });
  themes.set(mode, known);
  return known;
}

/** The preference of the reader's system. */
export function preferredMode(): Mode {
  return window.matchMedia('(prefers-color-scheme: light)').matches ? 'light' : 'dark';
}
