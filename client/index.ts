export { isErrorCode, RegistryError } from '../api/contract/errors.ts'
export type { Mode } from '../api/contract/mode.ts'
export type * from '../api/contract/registry-api.ts'
export type { Json, Status } from '../api/contract/version.ts'
export type { Environment } from './ambient.ts'
export { type Blueprint, type BlueprintOptions, loadBlueprint } from './blueprint.ts'
export { BlueprintError } from './blueprint-error.ts'
export { PromptRegistryClient, type Resolution, type ResolveOptions } from './client.ts'
export {
  type Attempt,
  isPromptResolutionError,
  type LocalFileErrorCode,
  PromptResolutionError,
  type ResolutionErrorCode,
  type TierName,
} from './errors.ts'
export { allPages } from './pages.ts'
export { createRegistryApi } from './registry-api.ts'
export type { ClientOptions } from './settings.ts'
export {
  createHttpTransport,
  type Fetch,
  type HttpAuth,
  type HttpTransportOptions,
} from './transport/http.ts'
export {
  createInProcessTransport,
  type Handler,
  type InProcessTransportOptions,
} from './transport/in-process.ts'
export { createLambdaTransport, type LambdaTransportOptions } from './transport/lambda.ts'
export {
  isTransportError,
  type SendOptions,
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportErrorCode,
  type TransportRequest,
} from './transport/transport.ts'
