/** What needs the YAML library: one module, loaded when the first blueprint or front matter is read. */
export { isMap, isScalar, LineCounter, parseDocument } from 'yaml'
export { isFileProblem, readParts, readPrompt, readPromptFile } from '../api/contract/reading/index.ts'
