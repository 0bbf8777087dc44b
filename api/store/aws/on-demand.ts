// What no resolve needs, as one module: each import on demand costs a bundle more files at its start.

export { adoptSeeded } from './adopt-seeded.ts'
export { commitChange } from './committing.ts'
export { purgePrompt } from './purge.ts'
export { resetPreview } from './reset-preview.ts'
export { createAwsSets } from './sets.ts'
export { createAwsSources } from './sources.ts'
