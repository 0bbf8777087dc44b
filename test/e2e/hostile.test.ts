import { HOSTILE } from '../support/hostile/corpus.ts'
import { describeHostile } from '../support/hostile/describe-hostile.ts'

// All of them are in the long suite.
const SAMPLE = [
  'a layout with a group that repeats a group',
  'a layout with a hundred stars',
  'a layout with a directory of 60 KB',
  'a layout with 60,000 brackets',
  '20 prompts with as many keys as front matter may have',
  '10 prompts with a zero-width space after each letter',
  'ten billion files in a repository of a few KB',
  'a directory that is text',
  'a name of 10 MB',
  'a tag with 20,000 signatures',
]
const chosen = HOSTILE.filter(({ name }) => SAMPLE.includes(name))
if (chosen.length < SAMPLE.length) throw new Error('the corpus lacks a case of the sample')

describeHostile(chosen)
