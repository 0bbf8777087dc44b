export { BlueprintError } from './blueprint-error.ts'
export { isPromptResolutionError, PromptResolutionError } from './errors.ts'
export { TransportError } from './transport/transport.ts'
export { WebPromptRegistryClient as PromptRegistryClient } from './web-client.ts'
