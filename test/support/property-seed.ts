import fc from 'fast-check';

/** Property tests try the same values on every run. `PROPERTY_SEED=$RANDOM npm test` looks further. */
fc.configureGlobal({ seed: Number(process.env.PROPERTY_SEED ?? 20_251_109) });
