import type { BatchAnswer, PromoteAnswer } from '../contract/registry-api.ts'

type Outcome = BatchAnswer['outcomes'][number]

/** How many prompts got another stable version by an operation that answered 200 with this document. */
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

function promotes(outcome: Outcome): boolean {
  return outcome.ok && isPromotion(outcome.result)
}

/** Of the answers that a batch may have, only that to a promotion names both a version and what was stable before it. */
function isPromotion(answer: Extract<Outcome, { ok: true }>['result']): boolean {
  return 'version' in answer && 'previous' in answer && answer.changed
}
