// What no resolve needs, as one module: each import on demand costs a bundle more files at its start.

export { runBatch } from './batch.ts'
export { diffVersions } from './diff-versions.ts'
export { writesWithDryRun } from './dry-run.ts'
export { evidenceOperations } from './evidence-operations.ts'
export { lookUpPrompts } from './lookup.ts'
export { readsOfPrompt } from './reads.ts'
export { setOperations } from './set-operations.ts'
export { sourceOperations } from './source-operations.ts'
