import type { BatchAnswer, PromoteAnswer } from '../contract/registry-api.ts'

type PromotionOutcome = BatchAnswer['outcomes'][number]

/** How many prompts got another stable version from an operation that returned 200 with this document. */
export function promotionsIn(operation: string, document: string): number {
  switch (operation) {
    case 'promoteVersion':
      return isPromotion(JSON.parse(document) as PromoteAnswer) ? 1 : 0
    case 'runBatch':
      return (JSON.parse(document) as BatchAnswer).outcomes.filter(promotes).length
    default:
      return 0
  }
}

function promotes(outcome: PromotionOutcome): boolean {
  return outcome.ok && isPromotion(outcome.result)
}

/** In a batch, only the answer to a promotion has both a version and the previous stable version. */
function isPromotion(answer: Extract<PromotionOutcome, { ok: true }>['result']): boolean {
  return 'version' in answer && 'previous' in answer && answer.changed
}
