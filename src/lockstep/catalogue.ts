// `lockstep/catalogue` is `lockstep-exporter/catalogue`: whoever records elsewhere needs one package by name, not two.
export * from 'lockstep-exporter/catalogue';
