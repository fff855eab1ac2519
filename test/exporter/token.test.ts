import { describe, expect, it, onTestFinished } from 'vitest';
import type { ExporterOptions } from '../../src/exporter/exporter.js';
import { createExporter } from '../../src/exporter/exporter.js';
import type { ServerOptions } from '../../src/exporter/scrape/server.js';
import { shop } from '../shop/catalogue.js';

// A token that was asked for holds for every server, and one that cannot be is a refusal to serve.

function exporterWith(options: ExporterOptions) {
  const errors: string[] = [];
  const exporter = createExporter(shop, {
    environment: {},
    onError: ({ message }) => errors.push(message),
    ...options,
  });
  return { exporter, errors };
}

const TOKEN = { LOCKSTEP_METRICS_BEARER_TOKEN: 'hidden' };

describe('a server asks for the token', () => {
  it.each<[string, ExporterOptions, ServerOptions]>([
    ['of serve()', {}, { port: 0, bearerToken: 'hidden' }],
    ['of the options', { bearerToken: 'hidden' }, { port: 0 }],
    ['of the environment', { environment: TOKEN }, { port: 0 }],
    ['of the environment, undefined being said', { environment: TOKEN }, { port: 0, bearerToken: undefined }],
    [
      'of serve() before that of the environment',
      { environment: { ...TOKEN, LOCKSTEP_METRICS_BEARER_TOKEN: 'no' } },
      { port: 0, bearerToken: 'hidden' },
    ],
    ['with a line end after it', { environment: { LOCKSTEP_METRICS_BEARER_TOKEN: 'hidden\n' } }, { port: 0 }],
    ['with a line end after it in code', { bearerToken: 'hidden\n' }, { port: 0 }],
  ])('%s', async (_, options, serverOptions) => {
    const { exporter } = exporterWith(options);
    const server = await exporter.serve(serverOptions);
    if (server === undefined) throw new Error('no server');
    onTestFinished(() => server.close());
    const status = async (headers: Record<string, string>) =>
      (await fetch(`${server.url}/metrics`, { headers })).status;
    expect(await status({})).toBe(401);
    expect(await status({ authorization: 'Bearer' })).toBe(401);
    expect(await status({ authorization: 'Bearer no' })).toBe(401);
    expect(await status({ authorization: 'Bearer hidden' })).toBe(200);
  });
});

describe('nothing is served, and that is told in a line', () => {
  it.each<[string, ExporterOptions, unknown]>([
    ['an empty token in the options', { bearerToken: '' }, { port: 0 }],
    ['an empty token in the environment', { environment: { LOCKSTEP_METRICS_BEARER_TOKEN: '' } }, { port: 0 }],
    ['a token of spaces', { environment: { LOCKSTEP_METRICS_BEARER_TOKEN: ' \n' } }, { port: 0 }],
    ['an empty token of serve()', {}, { port: 0, bearerToken: '' }],
    ['an empty token of serve() beside a good one', { bearerToken: 'good' }, { port: 0, bearerToken: '' }],
    ['null for a token', {}, { port: 0, bearerToken: null }],
    ['a number for a token', { bearerToken: 7 as never }, { port: 0 }],
    ['null for a token in the options', { bearerToken: null as never }, { port: 0 }],
    ['a token of two lines', { bearerToken: 'hidden\r\nX: y' }, { port: 0 }],
    ['an empty host', {}, { port: 0, host: '' }],
    ['a host of spaces', {}, { port: 0, host: '  ' }],
    ['null for a host', {}, { port: 0, host: null }],
    ['a port that is none', {}, { port: -1 }],
    ['another port that is none', {}, { port: 'x' }],
    [
      'a token that cannot be read',
      {},
      {
        port: 0,
        get bearerToken() {
          throw new Error('no');
        },
      },
    ],
  ])('for %s', async (_, options, serverOptions) => {
    const { exporter, errors } = exporterWith(options);
    const server = await exporter.serve(serverOptions as ServerOptions);
    if (server !== undefined) await server.close();
    expect(server).toBeUndefined();
    expect(errors).toEqual([expect.stringMatching(/^metrics are not served: [^\n]+$/)]);
    expect(errors.join()).not.toContain('hidden');
  });

  it.each<[string, ExporterOptions]>([
    ['an empty host', { host: '' }],
    ['an empty token', { bearerToken: '' }],
    ['an empty token of the environment', { environment: { LOCKSTEP_METRICS_BEARER_TOKEN: '' } }],
  ])('by start() with %s', async (_, options) => {
    const { exporter, errors } = exporterWith({ transports: ['prometheus'], port: 0, ...options });
    expect(await exporter.start()).toBe(false);
    expect(errors).toHaveLength(1);
    await exporter.shutdown();
  });

  it('but an empty host in the environment is the same as none, as OpenTelemetry has it', async () => {
    const environment = { OTEL_EXPORTER_PROMETHEUS_HOST: '' };
    const { exporter, errors } = exporterWith({ transports: ['prometheus'], port: 0, environment });
    expect(await exporter.start()).toBe(true);
    expect(errors).toEqual([]);
    await exporter.shutdown();
  });
});
