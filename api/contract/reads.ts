/** Periods of counted reads, in days, today included. */
export const READS_DAYS = {
  /** Later, counts are removed. */
  kept: 90,
  shown: 30,
  /** A prompt that was read in these days is in use. */
  inUse: 7,
} as const
