import type { Socket } from 'node:net';
import { connect } from 'node:net';
import { expect, it, onTestFinished } from 'vitest';
import { createExporter } from '../../src/exporter/exporter.js';
import { shop } from '../shop/catalogue.js';
import { SCRAPER } from './collector.js';

// Peers that connect and say nothing, or half of what they have to, keep no scraper out.

async function serve() {
  const exporter = createExporter(shop, { environment: {} });
  const server = await exporter.serve({ port: 0 });
  if (server === undefined) throw new Error('no server');
  onTestFinished(() => server.close());
  return server.url;
}

async function flood(url: string, peers: number, words: string, comesBack: boolean) {
  const { hostname, port } = new URL(url);
  const sockets = new Set<Socket>();
  let isOver = false;
  const open = async () => {
    const socket = connect(Number(port), hostname);
    sockets.add(socket);
    socket.on('error', () => {});
    socket.pause();
    socket.on('close', () => {
      sockets.delete(socket);
      if (comesBack && !isOver) setTimeout(() => void open(), 5);
    });
    await new Promise<void>((done) => {
      socket.once('connect', () => done());
      socket.once('close', () => done());
    });
    if (words !== '') socket.write(words);
  };
  await Promise.all(Array.from({ length: peers }, open));
  onTestFinished(() => {
    isOver = true;
    for (const socket of sockets) socket.destroy();
  });
}

it.each([
  ['say nothing', 80, '', false],
  ['send half of a request', 80, 'GET /metrics HTTP/1.1\r\nHost: x\r\n', false],
  ['send half of a request and come back when they are closed', 80, 'GET /metr', true],
  ['are many', 400, 'GET /metrics HTTP/1.1\r\n', false],
  ['ask and do not read', 80, 'GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n', false],
  ['announce a body that does not come', 80, 'POST /metrics HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n', true],
])('12 of 12 scrapes are answered while peers that %s are there (%d)', async (_, peers, words, comesBack) => {
  const url = await serve();
  await flood(url, peers, words, comesBack);
  const statuses: number[] = [];
  for (let scrape = 0; scrape < 12; scrape++) {
    const headers = { ...SCRAPER.headers, Connection: 'close' };
    statuses.push(
      await fetch(`${url}/metrics`, { headers }).then(
        ({ status }) => status,
        () => 0,
      ),
    );
  }
  expect(statuses).toEqual(Array(12).fill(200));
});
