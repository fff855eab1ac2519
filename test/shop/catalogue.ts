import { counter, defineCatalogue, gauge, histogram, label } from 'lockstep/catalogue';

// A second system, small and with every kind of panel: nothing in lockstep may know fab but fab's own rooms.

const till = label('till', { help: 'which till', values: ['north', 'south'] });
const result = label('result', { help: 'how the sale ended', values: ['paid', 'refused'], bad: ['refused'] });

export const shop = defineCatalogue({
  name: 'shop',
  metrics: {
    sales: counter({ name: 'shop_sales_total', help: 'Sales.', unit: '{sale}', labels: [till, result] }),
    wait: histogram({
      name: 'shop_wait_seconds',
      help: 'Time in the queue.',
      unit: 'seconds',
      labels: [till],
      bounds: [10, 60, 300],
    }),
    queue: gauge({ name: 'shop_queue_length', help: 'People in the queue.', unit: '{person}', labels: [till] }),
  },
});
