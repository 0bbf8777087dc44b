export type { Mode } from '../api/contract/mode.ts'
export type { Json, Status } from '../api/contract/version.ts'
export type { Blueprint, BlueprintPrompt } from './blueprint.ts'
export { BlueprintError } from './blueprint-error.ts'
export type { BlueprintOptions } from './blueprints.ts'
export {
  type Attempt,
  isPromptResolutionError,
  type LocalFileErrorCode,
  PromptResolutionError,
  type ResolutionErrorCode,
  type TierName,
} from './errors.ts'
export type { ClientEvent, EventListener } from './events.ts'
export type { ClientMetrics } from './metrics.ts'
export { PromptRegistryClient } from './node-client.ts'
export type { CallOptions, ClientOptions, ModeName } from './options.ts'
export type { TemplateEngine } from './rendering/engine.ts'
export type { RenderedMessage } from './rendering/render.ts'
export { isPromptRenderError, PromptRenderError, type RenderErrorCode } from './rendering/render-error.ts'
export type { PromptValues } from './rendering/values.ts'
export type { RenderedPrompt, Resolution } from './resolution.ts'
export type { PromptSession, SessionCallOptions, SessionOptions } from './session.ts'
export {
  type SendOptions,
  type Transport,
  type TransportAnswer,
  TransportError,
  type TransportErrorCode,
  type TransportRequest,
} from './transport/transport.ts'
export type { OnChange, PromptChange } from './watch.ts'
