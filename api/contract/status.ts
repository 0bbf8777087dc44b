export const STATUSES = ['draft', 'stable', 'deprecated', 'revoked'] as const
/**
 * - `draft`: never released.
 * - `stable`: the version served; at most one per prompt.
 * - `deprecated`: released earlier.
 * - `revoked`: never served again, in any mode.
 */
export type Status = (typeof STATUSES)[number]
