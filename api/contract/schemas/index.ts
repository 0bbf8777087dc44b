/**
 * The documents of the HTTP API. The same schemas validate requests and produce `/openapi.json`. Operations check
 * the rules that need their own message (ids, names, sizes). Requests are strict, so that a misspelt `overide` is
 * refused instead of dropped. Responses are open, so that fields can be added.
 */

export * from './batch.ts'
export * from './events.ts'
export * from './evidence.ts'
export * from './findings.ts'
export * from './lifecycle.ts'
export * from './lookup.ts'
export * from './prompts.ts'
export * from './push.ts'
export * from './reads.ts'
export { AliasAnswer, AliasRequest, PromoteAnswer, PromoteRequest, ReleaseTag } from './releases.ts'
export * from './resolve.ts'
export * from './sets.ts'
export { ErrorBody, HealthAnswer, PageQuery, promptIdField } from './shared.ts'
export * from './sources.ts'
export * from './versions.ts'
