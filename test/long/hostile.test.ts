import { HOSTILE } from '../support/hostile/corpus.ts'
import { describeHostile } from '../support/hostile/describe-hostile.ts'

describeHostile(HOSTILE)
